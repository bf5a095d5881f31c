import { gzipSync, zstdCompressSync } from 'node:zlib'
import { produce } from '../../../../src/protocol/api/00-produce.ts'
import { initProducerId } from '../../../../src/protocol/api/22-init-producer-id.ts'
import { describeProducers } from '../../../../src/protocol/api/61-describe-producers.ts'
import { type BatchOverrides, type BatchRecord, batchOf } from '../../raw/batch.ts'
import type { RawConnection } from '../../raw/connection.ts'
import { newProducer } from '../../raw/requests.ts'
import { type BadRequest, rowsOf, steps, unknownId, type World } from './row.ts'

const two: readonly BatchRecord[] = [
  { key: 'a', value: '1' },
  { key: 'b', value: '2' },
]
const dayMs = 86_400_000

/** A produce request of one partition. Names the topic up to v12, its id from v13 on. */
function requestOf(
  topic: { readonly name: string; readonly topicId: string },
  records: Uint8Array | null,
  { index = 0, acks = -1 } = {},
) {
  return {
    transactionalId: null,
    acks,
    timeoutMs: 10_000,
    topicData: [{ ...topic, partitionData: [{ index, records }] }],
  }
}

const fresh = (world: World) => ({ name: world.fresh, topicId: world.freshId })
const rows = rowsOf(produce, 12)

/** A row about what is in one partition of an ordinary topic. */
const batch = (
  name: string,
  records: (world: World) => Uint8Array,
  versions?: readonly number[],
): BadRequest[] => rows(name, (world) => requestOf(fresh(world), records(world)), versions)

const wrong = (name: string, overrides: BatchOverrides, records = two): BadRequest[] =>
  batch(name, () => batchOf(records, overrides))

/** Several batches of one idempotent producer, one after the other, to one partition. */
function sequence(
  name: string,
  batches: readonly (BatchOverrides & { readonly count?: number })[],
): BadRequest {
  return steps(`Produce v12: ${name}`, async (connection, world) => {
    const producer = await newProducer(connection)
    const answers: unknown[] = []
    for (const { count = 1, ...overrides } of batches) {
      const records = Array.from({ length: count }, (_, i) => ({ key: `${i}`, value: 'x' }))
      const bytes = batchOf(records, { ...producer, ...overrides })
      answers.push(await connection.ask(produce, 12, requestOf(fresh(world), bytes)))
    }
    return answers
  })
}

/** The same batch in gzip. */
function gzipped(records: readonly BatchRecord[], overrides: BatchOverrides = {}): Uint8Array {
  const body = gzipSync(batchOf(records).subarray(61))
  return batchOf(records, { attributes: 1, body, ...overrides })
}

// Not here: records that are null. Kafka never answers that.
export const produceRequests: readonly BadRequest[] = [
  ...rows('acks 2', (w) => requestOf(fresh(w), batchOf(two), { acks: 2 }), [3, 7, 12, 13]),
  ...rows('acks -2', (w) => requestOf(fresh(w), batchOf(two), { acks: -2 })),
  ...rows(
    'an unknown topic',
    () => requestOf({ name: 'nowhere', topicId: unknownId }, batchOf(two)),
    [3, 8, 12, 13],
  ),
  ...rows('an impossible topic name', () =>
    requestOf({ name: 'no such/name', topicId: unknownId }, batchOf(two)),
  ),
  ...rows(
    'an unknown partition',
    (w) => requestOf(fresh(w), batchOf(two), { index: 7 }),
    [3, 12, 13],
  ),
  ...rows('a negative partition', (w) => requestOf(fresh(w), batchOf(two), { index: -1 })),
  ...rows('no topics', () => ({
    ...requestOf({ name: '', topicId: unknownId }, null),
    topicData: [],
  })),
  ...batch('no batch', () => new Uint8Array(0), [3, 12]),
  ...wrong('a wrong CRC', { crc: 1 }),
  ...wrong('a length beyond the bytes', { length: 5000 }),
  ...wrong('a length shorter than a header', { length: 20 }),
  ...wrong('a negative length', { length: -1 }),
  ...batch('bytes behind the batch', () => Buffer.concat([batchOf(two), Buffer.alloc(7)])),
  ...batch('a batch cut short', () => batchOf(two).subarray(0, 70)),
  ...batch('two batches', () => Buffer.concat([batchOf(two), batchOf(two)])),
  ...wrong('magic 0', { magic: 0 }),
  ...wrong('magic 1', { magic: 1 }),
  ...wrong('magic 3', { magic: 3 }),
  ...wrong('a count above the records', { count: 3, lastOffsetDelta: 2 }),
  ...wrong('a count below the records', { count: 1, lastOffsetDelta: 0 }),
  ...wrong('a negative count', { count: -1 }),
  ...wrong('a count that does not fit the offsets', { lastOffsetDelta: 5 }),
  ...wrong('a base offset other than 0', { baseOffset: 17 }),
  ...wrong('offset deltas with a gap', {}, [two[0] ?? {}, { ...two[1], offsetDelta: 2 }]),
  ...wrong('a codec that does not exist', { attributes: 6 }),
  ...wrong('gzip that is none', { attributes: 1 }),
  ...wrong('lz4 that is none', { attributes: 3 }),
  ...batch('gzip', () => gzipped(two)),
  ...batch('gzip with a count that does not fit the offsets', () => gzipped(two, { count: 3 })),
  ...batch('gzip with a count above the records', () =>
    gzipped(two, { count: 3, lastOffsetDelta: 2 }),
  ),
  ...batch('gzip with a count below the records', () =>
    gzipped(two, { count: 1, lastOffsetDelta: 0 }),
  ),
  ...batch('gzip with bytes behind the records', () =>
    gzipped([], {
      body: gzipSync(Buffer.concat([batchOf(two).subarray(61), Buffer.alloc(9)])),
      count: 2,
      lastOffsetDelta: 1,
    }),
  ),
  ...batch('gzip with a timestamp two hours ahead', () =>
    gzipped(two, { firstTimestampMs: Date.now() + 2 * 3_600_000 }),
  ),
  ...batch('gzip with offset deltas with a gap', () =>
    gzipped([two[0] ?? {}, { ...two[1], offsetDelta: 2 }]),
  ),
  ...batch(
    'zstd',
    () => batchOf(two, { attributes: 4, body: zstdCompressSync(batchOf(two).subarray(61)) }),
    [3, 6, 7],
  ),
  ...wrong('a control batch', { attributes: 0x20 }),
  ...wrong('a transactional batch without a transaction', {
    attributes: 0x10,
    producerId: 1,
    producerEpoch: 0,
    baseSequence: 0,
  }),
  ...wrong('LogAppendTime set by the producer', { attributes: 8 }),
  ...wrong('an unknown attribute bit', { attributes: 0x100 }),
  ...wrong('a timestamp two hours ahead', { firstTimestampMs: Date.now() + 2 * 3_600_000 }),
  ...wrong('a timestamp of 1971', { firstTimestampMs: 365 * dayMs }),
  ...wrong('a negative timestamp', { firstTimestampMs: -5, maxTimestampMs: -5 }),
  ...wrong('a maximum timestamp below the records', { maxTimestampMs: 5 }),
  ...wrong('a leader epoch of the producer', { leaderEpoch: 9 }),
  ...batch('a record larger than the topic allows', () =>
    batchOf([{ value: Buffer.alloc(2_000_000) }]),
  ),
  ...wrong('a producer id without an epoch', { producerId: 5, baseSequence: 0 }),
  ...wrong('a producer id without a sequence', { producerId: 5, producerEpoch: 0 }),
  ...rows(
    'a record without a key in a compacted topic',
    (w) =>
      requestOf({ name: w.compacted, topicId: unknownId }, batchOf([two[0] ?? {}, { value: 'x' }])),
    [7, 8, 12],
  ),
  ...rows('a record without a key in a compacted topic, in gzip', (w) =>
    requestOf({ name: w.compacted, topicId: unknownId }, gzipped([two[0] ?? {}, { value: 'x' }])),
  ),
  ...rows('a null value with a key in a compacted topic', (w) =>
    requestOf({ name: w.compacted, topicId: unknownId }, batchOf([{ key: 'a' }])),
  ),
  sequence('a first sequence that is not 0', [{ baseSequence: 5 }]),
  sequence('a gap in the sequence', [{ baseSequence: 0 }, { baseSequence: 2 }]),
  sequence('a sequence that goes back', [
    { baseSequence: 0, count: 3 },
    { baseSequence: 3, count: 3 },
    { baseSequence: 2 },
  ]),
  sequence('a batch sent again answers with its first offset', [
    { baseSequence: 0, count: 3 },
    { baseSequence: 3, count: 2 },
    { baseSequence: 0, count: 3 },
    { baseSequence: 3, count: 2 },
    { baseSequence: 5, count: 1 },
  ]),
  sequence(
    'a batch sent again after five others',
    [0, 1, 2, 3, 4, 5, 0, 1, 5].map((baseSequence) => ({ baseSequence })),
  ),
  sequence('an older epoch', [
    { baseSequence: 0, producerEpoch: 3 },
    { baseSequence: 0, producerEpoch: 2 },
  ]),
  sequence('a newer epoch begins at sequence 0', [
    { baseSequence: 0 },
    { baseSequence: 1, producerEpoch: 1 },
    { baseSequence: 0, producerEpoch: 1 },
    { baseSequence: 1, producerEpoch: 0 },
  ]),
  sequence('the sequence wraps from 2^31-1 to 0', [
    { baseSequence: 0x7ffffffe, count: 2 },
    { baseSequence: 0, count: 2 },
    { baseSequence: 2 },
  ]),
  sequence('the sequence wraps inside a batch', [
    { baseSequence: 0x7ffffffe, count: 4 },
    { baseSequence: 2 },
  ]),
  steps('Produce v12: acks 0 with a wrong CRC', async (connection, world) => {
    connection.tell(produce, 12, requestOf(fresh(world), batchOf(two, { crc: 1 }), { acks: 0 }))
    return [await connection.ask(produce, 12, requestOf(fresh(world), batchOf(two)))]
  }),
  ...initProducerRequests(),
  ...describeProducersRequests(),
]

function initProducerRequests(): BadRequest[] {
  const init = rowsOf(initProducerId, 5)
  const base = { transactionalId: null, transactionTimeoutMs: 60_000 }
  return [
    ...init('no transaction', () => base, [0, 2, 3, 4, 5]),
    ...init('an empty transactional id', () => ({ ...base, transactionalId: '' }), [0, 4, 5]),
    ...init('a time-out of 0 without a transaction', () => ({ ...base, transactionTimeoutMs: 0 })),
    ...init('a negative time-out without a transaction', () => ({
      ...base,
      transactionTimeoutMs: -1,
    })),
    ...init('an id without an epoch', () => ({ ...base, producerId: 5 })),
    ...init('an epoch without an id', () => ({ ...base, producerEpoch: 5 })),
    ...init('an id and an epoch without a transaction', () => ({
      ...base,
      producerId: 5,
      producerEpoch: 3,
    })),
  ]
}

function describeProducersRequests(): BadRequest[] {
  const describe = rowsOf(describeProducers, 0)
  const of = (name: string, ...partitionIndexes: number[]) => ({
    topics: [{ name, partitionIndexes }],
  })
  return [
    ...describe('a topic without producers', (w) => of(w.topic, 0, 1)),
    ...describe('an unknown topic', () => of('nowhere', 0)),
    ...describe('an unknown partition', (w) => of(w.topic, 9)),
    ...describe('an impossible topic name', () => of('no such/name', 0)),
    ...describe('no topics', () => ({ topics: [] })),
    steps('DescribeProducers v0: a producer that has written', async (connection, world) => {
      await writeAs(connection, world)
      return [await connection.ask(describeProducers, 0, of(world.fresh, 0))]
    }),
  ]
}

async function writeAs(connection: RawConnection, world: World): Promise<void> {
  const producer = await newProducer(connection)
  const bytes = batchOf(two, { ...producer, baseSequence: 0 })
  await connection.ask(produce, 12, requestOf(fresh(world), bytes))
}
