'use strict'
/*
 * Loaded first in a process that `runtime.cjs` spawned: ends it at once when the launcher is gone, as
 * if the signal that ended the launcher had reached this process. The launcher holds the other end of
 * descriptor 3. Processes further down inherit this file's option but not the descriptor: they are
 * told apart by who their parent is.
 */
const { Socket } = require('node:net')

const PIPE = 3

if (process.env.MOLDAU_LAUNCHER === String(process.ppid)) {
  const pipe = new Socket({ fd: PIPE, readable: true, writable: false })
  pipe.on('close', () => process.exit(1))
  pipe.on('error', () => process.exit(1))
  pipe.resume()
  pipe.unref()
}
