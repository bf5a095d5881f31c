/** `npm run check`: types, lint and format, layers, the protocol against its reference, generated
 *  documents. Runs all of them, prints one line each, and fails when any did. */
import { spawnSync } from 'node:child_process'

const checks: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['types', 'node_modules/typescript/bin/tsc', '-p', '.'],
  ['lint and format', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  ['layers', '--test', '--test-reporter=dot', 'test/layers.test.ts'],
  ['protocol against Kafka', 'scripts/check-protocol.ts'],
  ['generated documents', 'scripts/make-docs.ts', '--check'],
]

let passed = 0
for (const [name, ...command] of checks) {
  const done = spawnSync(process.execPath, command, { encoding: 'utf8' })
  const output = `${done.stdout}${done.stderr}`.trim()
  if (done.status === 0) passed += 1
  else console.log(output)
  console.log(`${done.status === 0 ? 'ok    ' : 'FAILED'} ${name}`)
}
console.log(`${passed} passed, ${checks.length - passed} failed`)
process.exit(passed === checks.length ? 0 : 1)
