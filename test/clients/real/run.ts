/**
 * `npm run test:clients`: the clients and tools that are no packages of this project. Installs what is
 * missing as far as the machine allows, runs every `*.real.ts` beside this file (or those whose names
 * are given as arguments), one after the other, and ends with the line `N passed, N failed`.
 */

import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { target } from '../harness.ts'
import { installPackages } from './install.ts'

/** Longest time for one file; compiling node-rdkafka for the first time is inside it. */
const fileLimitMs = 30 * 60_000

const here = dirname(fileURLToPath(import.meta.url))
const chosen = process.argv.slice(2)
const files = (await readdir(here))
  .filter((file) => file.endsWith('.real.ts'))
  .filter((file) => chosen.length === 0 || chosen.some((name) => file.startsWith(name)))
  .toSorted()
if (files.length === 0) throw new Error(`no client is named ${chosen.join(', ')}`)

console.log(`clients against ${target}`)
await installPackages()

let passed = 0
let failed = 0
for (const file of files) {
  console.log(`\n${file}`)
  await runFile(join(here, file))
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

/** Runs one file, a line for each of its tests and the whole error of each that fails. */
async function runFile(file: string): Promise<void> {
  const events = run({ files: [file], timeout: fileLimitMs, concurrency: false })
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr') process.stdout.write(data.message)
    if (type !== 'test:pass' && type !== 'test:fail') continue
    // A suite, or the file itself, only sums up what is inside; it counts when that was all it could say.
    if (data.details.type === 'suite' && type === 'test:pass') continue
    if (type === 'test:fail' && isSum(data.details.error)) continue
    if (data.skip !== undefined) console.log(`  skipped: ${data.name} (${data.skip})`)
    else if (type === 'test:pass') {
      passed += 1
      console.log(`  passed: ${data.name} (${Math.round(data.details.duration_ms)} ms)`)
    } else {
      failed += 1
      console.log(`  FAILED: ${data.name}\n${indented(data.details.error)}`)
    }
  }
}

function isSum(error: Error & { failureType?: string }): boolean {
  return error.failureType === 'subtestsFailed'
}

function indented(error: Error): string {
  const { cause } = error
  return inspect(cause instanceof Error ? cause : error.message).replace(/^/gm, '    ')
}
