'use strict'
/* Runs its arguments with the project's own Node after doing all set-up: what `npm test` and the
 * other scripts go through, so that they work on a machine that has only npm and an older Node. */
const runtime = require('../bin/runtime.cjs')

const node = runtime.prepare()
process.chdir(runtime.root)
runtime.continueIn(node, process.argv.slice(2))
