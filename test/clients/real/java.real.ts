import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Broker } from '../broker.ts'
import { startBroker, target } from '../harness.ts'
import { noOracle } from '../oracle.ts'
import { projectDirectory } from '../support.ts'
import { comparableLines, type GoldenRow, parseRun, type Run } from './golden.ts'
import { goldenRows, leftOut } from './golden-rows.ts'
import { type Command, nameOf, runTools } from './java.ts'

const golden = join(projectDirectory, '../shared/reference/kafka/cli/golden')
const skip = (await noOracle()) || (!existsSync(golden) && 'there is no ../shared/reference')

/** Files that recorded commands read. */
const files: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'delete-records': {
    'delete.json': '{"partitions":[{"topic":"plain","partition":0,"offset":2}],"version":1}',
  },
  'delete-records-out-of-range': {
    'delete2.json': '{"partitions":[{"topic":"plain","partition":0,"offset":9999}],"version":1}',
  },
}

describe('command-line tools of Kafka', { skip }, () => {
  const recorded = new Map<string, Run>()
  let runs: ReadonlyMap<string, Run>
  let broker: Broker
  before(async () => {
    for (const file of await readdir(golden))
      recorded.set(nameOf(file), parseRun(await readFile(join(golden, file), 'utf8')))
    // As the recorded cluster.
    const config = {
      'node.id': '1',
      'group.initial.rebalance.delay.ms': '0',
      'offsets.topic.num.partitions': '4',
    }
    broker = await startBroker({ config })
    const commands = goldenRows.map((row) => commandOf(row, recorded, broker.bootstrap))
    runs = await runTools(broker.bootstrap, commands)
  })
  after(() => broker?.[Symbol.asyncDispose]())

  test('every recorded run is repeated or left out for a reason', () => {
    const unknown = [...recorded.keys()].filter(
      (name) =>
        !goldenRows.some((row) => row.name === name) &&
        !Object.keys(leftOut).some((prefix) => name.startsWith(prefix)),
    )
    assert.deepEqual(unknown, [])
  })

  for (const row of goldenRows)
    test(`${row.name} prints what Kafka's does`, { skip: needsEmptyBroker(row) }, () => {
      const expected = recorded.get(row.name)
      const actual = runs.get(row.name)
      assert.ok(expected && actual, 'it ran')
      const chosen = (lines: readonly string[]): string[] =>
        comparableLines(
          lines.filter((line) => row.only?.test(line) ?? true),
          row,
        )
      if (row.only !== undefined) {
        // The recorded cluster had settings of its own, so what it does not show proves nothing.
        const shown = new Set(chosen(actual.stdout))
        assert.notEqual(shown.size, 0)
        const missing = chosen(expected.stdout).filter((line) => !shown.has(line))
        return assert.deepEqual(missing, [])
      }
      assert.deepEqual(chosen(actual.stdout), chosen(expected.stdout), 'standard output')
      const errors = (r: Run) => comparableLines(r.stderr, row)
      assert.deepEqual(errors(actual), errors(expected), 'standard error')
      assert.equal(actual.exit, expected.exit, 'exit code')
    })
})

/** A list of all topics can be compared on a broker of our own only. */
function needsEmptyBroker(row: GoldenRow): string | false {
  const lists = /list|all|get-offsets-all/.test(row.name)
  return target.includes(':') && lists && 'this broker has topics of its own'
}

function commandOf(row: GoldenRow, recorded: ReadonlyMap<string, Run>, bootstrap: string): Command {
  const run = recorded.get(row.name)
  assert.ok(run, `${row.name} is recorded`)
  const changed = (row.instead ?? []).reduce((text, [from, to]) => {
    return text.replace(from, to)
  }, run.command)
  return {
    name: row.name,
    command: changed.replaceAll('127.0.0.1:19100', bootstrap),
    stdin: run.stdin,
    files: files[row.name] ?? {},
    before: row.before ?? [],
  }
}
