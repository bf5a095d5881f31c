/** What `bin/runtime.cjs` does where Node cannot replace a process: the launcher stays, and the broker
 *  is its child. Both have to be as one. */

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { command, type Running, scratchDirectory, startNode } from './process.ts'

/** Goes on with `node ARGUMENTS` as a launcher in an older Node would. */
function launch(args: readonly string[], directory: string): Running {
  const runtime = path.join(path.dirname(command), 'runtime.cjs')
  const script =
    'process.execve = undefined; ' +
    `require(${JSON.stringify(runtime)}).continueIn(process.execPath, process.argv.slice(1))`
  return startNode(['--eval', script, '--', ...args], directory)
}

const memory = [command, 'start', '--port', '0', '--memory']

test('a signal to the launcher stops the broker in order', async (t) => {
  const launcher = launch(memory, scratchDirectory(t))
  await launcher.ready()
  launcher.child.kill('SIGTERM')
  const { code, stdout } = await launcher.ended()
  assert.match(stdout, /Moldau stopping \(SIGTERM\).*\nMoldau stopped\n$/)
  assert.equal(code, 0)
})

test('Ctrl-C in a terminal, which signals both, stops the broker in order', async (t) => {
  const launcher = launch(memory, scratchDirectory(t))
  await launcher.ready()
  process.kill(-(launcher.child.pid ?? assert.fail()), 'SIGINT')
  const { code, stdout } = await launcher.ended()
  assert.match(stdout, /Moldau stopping \(SIGINT\).*\nMoldau stopped\n$/)
  assert.equal(code, 0)
})

test('kill -9 of the launcher leaves no broker behind', async (t) => {
  const launcher = launch([command, 'start', '--port', '0'], scratchDirectory(t))
  await launcher.ready()
  launcher.child.kill('SIGKILL')
  // The output ends when the last process that could write to it is gone.
  const { stdout } = await launcher.ended()
  assert.doesNotMatch(stdout, /stopp/)
})

test('the exit code of the broker is the launcher’s', async (t) => {
  const { code, stderr } = await launch(
    [command, 'start', '--port', 'x'],
    scratchDirectory(t),
  ).ended()
  assert.equal(code, 1)
  assert.match(stderr, /^moldau: --port x/)
})

test('what a launched program starts itself follows its own parent', async (t) => {
  // Its descriptor 3 is not the launcher's pipe; taking it for that would end the broker.
  const script = `
    const { spawn } = require('node:child_process')
    const args = [...process.execArgv.slice(0, 2), ...process.argv.slice(1)]
    const broker = spawn(process.execPath, args, { stdio: 'inherit' })
    process.on('SIGTERM', () => broker.kill())`
  const launcher = launch(['--eval', script, '--', ...memory], scratchDirectory(t))
  await launcher.ready()
  assert.equal(launcher.child.exitCode, null)
  launcher.child.kill('SIGTERM')
  const { stdout } = await launcher.ended()
  assert.match(stdout, /Moldau stopped\n$/)
})
