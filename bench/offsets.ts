/**
 * How fast records of committed offsets are written, read and taken over, and what they cost in memory:
 * a million of them in ten thousand groups, in the order in which groups that commit in turn write them.
 * Run: `node --expose-gc bench/offsets.ts [topics per group] [partitions per topic]`, 4 and 25 unless
 * told otherwise. One process, one core; the best of three rounds.
 */
import type { StoredRecord } from '../src/coordinator/machine.ts'
import { OffsetTable } from '../src/group/offsets/offset-table.ts'
import { decodeGroupRecord, encodeGroupRecord } from '../src/group/record-codec.ts'
import type { OffsetRecord } from '../src/group/records.ts'
import {
  offsetCommitKey,
  offsetCommitValue,
} from '../src/protocol/internal/consumer-offsets-classic.ts'
import { decodeKey, decodeVersioned, encodeKey, encodeVersioned } from '../src/protocol/stored.ts'

const GROUPS = 10_000
const ROUNDS = 3
const [topicCount = 4, partitionCount = 25] = process.argv.slice(2).map(Number)
const total = GROUPS * topicCount * partitionCount
const TOPIC_ID = 'AbCdEfGhIjKlMnOpQrStUw'

function recordOf(group: number, topic: number, partition: number): OffsetRecord {
  return {
    type: 'offset',
    key: { group: `consumer-group-${group}`, topic: `a-topic-of-usual-length-${topic}`, partition },
    value: {
      offset: 5_000_000_000 + group * partition,
      leaderEpoch: 3,
      metadata: '',
      commitTimestamp: 1_767_225_600_000 + partition,
      expireTimestamp: -1,
      topicId: TOPIC_ID,
    },
  }
}

function* records(): Iterable<OffsetRecord> {
  for (let partition = 0; partition < partitionCount; partition++)
    for (let topic = 0; topic < topicCount; topic++)
      for (let group = 0; group < GROUPS; group++) yield recordOf(group, topic, partition)
}

/** @returns the shortest time of the rounds. */
function report(name: string, run: () => void): void {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    run()
    best = Math.min(best, performance.now() - start)
  }
  const each = ((best * 1000) / total).toFixed(2)
  console.log(`${name.padEnd(36)} ${Math.round(best).toString().padStart(6)} ms  ${each} µs each`)
}

function take(stored: readonly StoredRecord[]): OffsetTable {
  const table = new OffsetTable()
  let offset = 0
  for (const one of stored) {
    const record = decodeGroupRecord(one)
    if (record?.type === 'offset') table.apply(record, offset++, undefined)
  }
  return table
}

/** Bytes in use after everything that can be collected was. */
function usedBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const all = [...records()]
report('encode', () => all.forEach(encodeGroupRecord))
report('encode, by the declarations', () => {
  for (const { key, value } of all) {
    encodeKey(offsetCommitKey, key)
    if (value !== null) encodeVersioned(offsetCommitValue, 4, value)
  }
})
const stored = all.map(encodeGroupRecord)
all.length = 0
report('decode', () => stored.forEach(decodeGroupRecord))
report('decode, by the declarations', () => {
  for (const { key, value } of stored) {
    decodeKey(offsetCommitKey, key)
    if (value !== null) decodeVersioned(offsetCommitValue, value)
  }
})
report('decode and take over', () => take(stored))
const before = usedBytes()
const table = take(stored)
const megabytes = Math.round((usedBytes() - before) / 1e6)
console.log(
  `${table.size} offsets: ${megabytes} MB of heap${globalThis.gc ? '' : ' (no --expose-gc)'}`,
)
