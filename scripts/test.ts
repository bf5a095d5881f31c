/**
 * `npm test`: every test file that needs neither a compiler nor another program. Arguments are file
 * names or patterns to run instead of all. The last lines are node:test's counts.
 */
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'

/** Tests that start whole brokers share two cores with them: more files at once only makes them wait. */
const CONCURRENT_FILES = 2
/** A test that has not ended by then hangs. */
const TEST_TIMEOUT_MS = 240_000

const everything = ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts']
const patterns = process.argv.length > 2 ? process.argv.slice(2) : everything
const files = patterns.flatMap((pattern) => globSync(pattern)).sort()
if (files.length === 0) {
  console.error(`no test file matches ${patterns.join(' ')}`)
  process.exit(1)
}
const child = spawn(
  process.execPath,
  [
    '--test',
    `--test-concurrency=${CONCURRENT_FILES}`,
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    `--test-reporter=${process.env.CI ? 'dot' : 'spec'}`,
    '--test-reporter-destination=stdout',
    '--test-reporter=./scripts/test-summary.ts',
    '--test-reporter-destination=stdout',
    ...files,
  ],
  { stdio: 'inherit' },
)
process.on('exit', () => child.kill())
child.on('exit', (code) => process.exit(code ?? 1))
