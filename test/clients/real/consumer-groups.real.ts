/** `kafka-consumer-groups` in the ways that no recording has: every strategy of a reset, what it does when
 *  it is executed, groups of nobody, several groups at once. */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { produce } from '../../../src/protocol/api/00-produce.ts'
import { offsetCommit } from '../../../src/protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../../../src/protocol/api/09-offset-fetch.ts'
import type { Broker } from '../broker.ts'
import { startBroker } from '../harness.ts'
import { noOracle } from '../oracle.ts'
import { batchOf } from '../raw/batch.ts'
import { RawConnection } from '../raw/connection.ts'
import { createTopic, findGroup, namedProduceVersion } from '../raw/requests.ts'
import type { Run } from './golden.ts'
import { runTools } from './java.ts'

const skip = await noOracle()
const minuteMs = 60_000
/** Records of the two partitions of `t`, ten minutes apart, the first at this time. */
const counts = [10, 4]
const firstMs = Math.floor(Date.now() / minuteMs) * minuteMs - 95 * minuteMs
const at = (minutes: number): string => new Date(firstMs + minutes * minuteMs).toISOString()

/** One command, and what it prints. */
interface Row {
  readonly name: string
  /** Behind `kafka-consumer-groups --bootstrap-server …`. */
  readonly options: string
  readonly files?: Readonly<Record<string, string>>
  /** Lines of the standard output in any order, blanks between words being one. */
  readonly prints: readonly (string | RegExp)[]
}

const header = 'GROUP TOPIC PARTITION NEW-OFFSET'
const offsets = (group: string, ...of: number[]): string[] =>
  of.map((offset, partition) => `${group} t ${partition} ${offset}`)
const reset = (name: string, options: string, ...of: number[]): Row => ({
  name,
  options: `--reset-offsets --group g --topic t ${options}`,
  prints: [header, ...offsets('g', ...of)],
})
const tooLate = 'Warn: Partition 1 from topic t is empty. Falling back to latest known offset.'
/** To a time that the second partition has nothing of. */
const resetLate = (name: string, options: string, first: number): Row => {
  const found = reset(name, `${options} --execute`, first, counts[1] ?? 0)
  return { ...found, prints: [tooLate, ...found.prints] }
}
const described =
  'GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID'
const lag = (group: string, ...of: (number | '-')[]): string[] =>
  of.map((offset, partition) => {
    const end = counts[partition] ?? 0
    const behind = offset === '-' ? '-' : end - offset
    return `${group} t ${partition} ${offset} ${end} ${behind} - - -`
  })
const describing = (name: string, group: string, ...of: (number | '-')[]): Row => ({
  name,
  options: `--describe --group ${group}`,
  prints: [described, ...lag(group, ...of)],
})

/** In this order: later rows see what earlier ones left. The group begins at 3 and 2. */
const rows: readonly Row[] = [
  describing('offsets of a group of nobody are described', 'g', 3, 2),
  reset('a reset to the earliest, as a trial', '--to-earliest --dry-run', 0, 0),
  describing('after which nothing has changed', 'g', 3, 2),
  reset('a reset to the earliest', '--to-earliest --execute', 0, 0),
  describing('after which the group is there', 'g', 0, 0),
  reset('a reset to the latest', '--to-latest --execute', 10, 4),
  reset('a reset to where it is', '--to-current --execute', 10, 4),
  reset('a reset to an offset', '--to-offset 3 --execute', 3, 3),
  reset('a shift ahead, to the end at most', '--shift-by 2 --execute', 5, 4),
  reset('a shift back, to the begin at most', '--shift-by -4 --execute', 1, 0),
  resetLate('a reset to a time, to the end where nothing is so late', `--to-datetime ${at(55)}`, 6),
  reset('a reset to a time before all', `--to-datetime ${at(-1)} --execute`, 0, 0),
  resetLate('a reset by a duration', '--by-duration PT30M', 7),
  describing('all of which has happened', 'g', 7, 4),
  {
    name: 'a reset of one partition',
    options: '--reset-offsets --group g --topic t:1 --to-offset 1 --execute',
    prints: [header, 'g t 1 1'],
  },
  {
    name: 'a plan for a file',
    options: '--reset-offsets --group g --all-topics --to-current --export --dry-run',
    prints: ['t,0,7', 't,1,1'],
  },
  {
    name: 'a reset from a file',
    options: '--reset-offsets --group g --all-topics --from-file $W/plan.csv --execute',
    files: { 'plan.csv': 't,0,2\\nt,1,2' },
    prints: [header, ...offsets('g', 2, 2)],
  },
  describing('after which the group is as the file says', 'g', 2, 2),
  {
    name: 'a reset of a group that was not there',
    options: '--reset-offsets --group new --topic t --to-offset 1 --execute',
    prints: [header, ...offsets('new', 1, 1)],
  },
  describing('which is there now', 'new', 1, 1),
  {
    name: 'groups of nobody in a list',
    options: '--list --state --type',
    prints: ['GROUP TYPE STATE', 'g Classic Empty', 'new Classic Empty'],
  },
  {
    name: 'a state that no group has',
    options: '--list --state stable',
    prints: ['GROUP STATE'],
  },
  {
    name: 'all groups by their state',
    options: '--describe --all-groups --state',
    prints: [
      'GROUP COORDINATOR (ID) ASSIGNMENT-STRATEGY STATE #MEMBERS',
      /^g 127\.0\.0\.1:\d+ \(1\) - Empty 0$/,
      'GROUP COORDINATOR (ID) ASSIGNMENT-STRATEGY STATE #MEMBERS',
      /^new 127\.0\.0\.1:\d+ \(1\) - Empty 0$/,
    ],
  },
  {
    name: 'offsets of one partition are deleted',
    options: '--delete-offsets --group g --topic t:1',
    prints: [
      'Request succeeded for deleting offsets from group g.',
      'TOPIC PARTITION STATUS',
      't 1 Successful',
    ],
  },
  {
    name: 'after which that partition has none',
    options: '--describe --group g',
    prints: [described, 'g t 0 2 10 8 - - -'],
  },
  {
    name: 'offsets of a topic that is not there',
    options: '--delete-offsets --group g --topic nowhere:0',
    prints: [
      /^Error: Encountered some partition-level error/,
      'TOPIC PARTITION STATUS',
      /^nowhere 0 Error: .*This server does not host this topic-partition\.$/,
    ],
  },
  {
    name: 'several groups are deleted, one of which is not there',
    options: '--delete --group g --group nobody',
    prints: [
      'Error: Deletion of some consumer groups failed:',
      /^\* Group 'nobody' could not be deleted due to: .*The group id does not exist\.$/,
      "These consumer groups were deleted successfully: 'g'",
    ],
  },
  {
    name: 'all groups are deleted',
    options: '--delete --all-groups',
    prints: ["Deletion of requested consumer groups ('new') was successful."],
  },
  { name: 'after which there is none', options: '--list', prints: [] },
]

describe('kafka-consumer-groups', { skip }, () => {
  let broker: Broker
  let runs: ReadonlyMap<string, Run>
  before(async () => {
    broker = await startBroker({ config: { 'node.id': '1' } })
    await prepare(broker.bootstrap)
    const commands = rows.map(({ name, options, files = {} }) => ({
      name: name.replaceAll(' ', '-'),
      command: `kafka-consumer-groups --bootstrap-server ${broker.bootstrap} ${options}`,
      stdin: '',
      files,
    }))
    runs = await runTools(broker.bootstrap, commands)
  })
  after(() => broker?.[Symbol.asyncDispose]())

  for (const row of rows)
    test(row.name, () => {
      const run = runs.get(row.name.replaceAll(' ', '-'))
      assert.ok(run, 'it ran')
      const printed = run.stdout.map((line) => line.trim().replaceAll(/\s+/g, ' '))
      const isPrinted = (line: string, expected: string | RegExp): boolean =>
        typeof expected === 'string' ? line === expected : expected.test(line)
      for (const expected of row.prints) {
        const index = printed.findIndex((line) => isPrinted(line, expected))
        assert.notEqual(index, -1, `${expected} is not among\n${printed.join('\n')}`)
        printed.splice(index, 1)
      }
      assert.deepEqual(printed, [], 'nothing else is printed')
    })
})

/** Fills `t` and commits offsets for the group `g`, which nobody is in. */
async function prepare(bootstrap: string): Promise<void> {
  const connection = await RawConnection.open(bootstrap)
  await createTopic(connection, 't', counts.length)
  const partitionData = counts.map((count, index) => {
    const records = Array.from({ length: count }, (_, i) => {
      return { key: null, value: `${i}`, timestampDelta: i * 10 * minuteMs }
    })
    return { index, records: batchOf(records, { firstTimestampMs: firstMs }) }
  })
  await connection.ask(produce, namedProduceVersion, {
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name: 't', partitionData }],
  })
  await findGroup(connection, 'g')
  const partitions = [3, 2].map((committedOffset, partitionIndex) => {
    return { partitionIndex, committedOffset, committedMetadata: '' }
  })
  await connection.ask(offsetCommit, 9, {
    groupId: 'g',
    memberId: '',
    topics: [{ name: 't', partitions }],
  })
  const { groups } = await connection.ask(offsetFetch, 9, {
    groups: [{ groupId: 'g', topics: null }],
  })
  assert.equal(groups[0]?.topics[0]?.partitions.length, counts.length)
  connection.close()
}
