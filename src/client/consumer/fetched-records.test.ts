import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KafkaError } from '../../protocol/errors.ts'
import { controlRecordTypeSchema } from '../../protocol/internal/control-records.ts'
import { encodeVersioned } from '../../protocol/stored.ts'
import { BatchBuilder, type BatchOptions } from '../../records/builder.ts'
import type { CompressionName } from '../../records/compression/compression.ts'
import { type AbortedTransaction, FetchedRecords } from './fetched-records.ts'

const ALICE = 11
const BOB = 12

/** A batch with one record per offset, whose value is its offset. */
function records(baseOffset: number, count: number, options: BatchOptions = {}): Uint8Array {
  const builder = new BatchBuilder({ leaderEpoch: 3, baseOffset, ...options })
  for (let n = 0; n < count; n++) builder.append({ value: `${baseOffset + n}`, timestamp: 1 })
  return builder.build()
}

const inTransaction = (producerId: number): BatchOptions => {
  return { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true }
}

/** The marker that ends a producer's transaction. */
function marker(baseOffset: number, producerId: number, type: 'abort' | 'commit'): Uint8Array {
  const control = { ...inTransaction(producerId), baseSequence: -1, isControl: true }
  const builder = new BatchBuilder({ leaderEpoch: 3, baseOffset, ...control })
  const key = encodeVersioned(controlRecordTypeSchema, 0, { type: type === 'abort' ? 0 : 1 })
  builder.append({ key, value: null, timestamp: 1 })
  return builder.build()
}

function fetched(
  batches: readonly Uint8Array[],
  fetchOffset = 0,
  aborted: readonly AbortedTransaction[] | null = null,
): FetchedRecords {
  return new FetchedRecords(Buffer.concat(batches), { fetchOffset, aborted, checksCrcs: true })
}

async function offsetsOf(source: FetchedRecords, most = 1_000): Promise<number[]> {
  const offsets: number[] = []
  while (!source.isDone) {
    const taken = await source.take(most)
    assert.ok(taken.records.length <= most)
    for (const { offset, value } of taken.records) {
      assert.equal(Buffer.from(value ?? []).toString(), `${offset}`)
      offsets.push(offset)
    }
  }
  return offsets
}

test('a batch that begins before the offset gives only what is asked for', async () => {
  assert.deepEqual(await offsetsOf(fetched([records(0, 5)], 3)), [3, 4])
})

test('where it ends is known before anything is decoded', () => {
  const source = fetched([records(0, 5), records(5, 2, { leaderEpoch: 4 })])
  assert.deepEqual([source.endOffset, source.endEpoch, source.nextOffset], [7, 4, 0])
})

test('a batch that is cut off at the end is left for the next fetch', async () => {
  const source = fetched([records(0, 2), records(2, 5).subarray(0, 70)])
  assert.equal(source.endOffset, 2)
  assert.deepEqual(await offsetsOf(source), [0, 1])
})

test('nothing at all is done at once', () => {
  const source = fetched([], 7)
  assert.deepEqual([source.isDone, source.endOffset], [true, 7])
})

test('markers are stepped over by every reader', async () => {
  const batches = [records(0, 2, inTransaction(ALICE)), marker(2, ALICE, 'abort')]
  const source = fetched(batches)
  const taken = await source.take(10)
  assert.deepEqual(
    taken.records.map(({ offset }) => offset),
    [0, 1],
  )
  assert.deepEqual([taken.fromOffset, taken.nextOffset, taken.leaderEpoch], [0, 3, 3])
})

test('who reads what is committed is not given records of aborted transactions', async () => {
  const batches = [
    records(0, 2, inTransaction(ALICE)),
    records(2, 2, inTransaction(BOB)),
    records(4, 1),
    marker(5, ALICE, 'abort'),
    records(6, 1, inTransaction(ALICE)),
    marker(7, BOB, 'commit'),
    marker(8, ALICE, 'commit'),
  ]
  const aborted = [{ producerId: ALICE, firstOffset: 0 }]
  assert.deepEqual(await offsetsOf(fetched(batches, 0, aborted)), [2, 3, 4, 6])
  assert.deepEqual(await offsetsOf(fetched(batches, 0, [])), [0, 1, 2, 3, 4, 6])
})

test('a producer that aborts twice is skipped twice, and read between', async () => {
  const batches = [
    records(0, 1, inTransaction(ALICE)),
    marker(1, ALICE, 'abort'),
    records(2, 1, inTransaction(ALICE)),
    marker(3, ALICE, 'commit'),
    records(4, 1, inTransaction(ALICE)),
    marker(5, ALICE, 'abort'),
  ]
  const aborted = [4, 0].map((firstOffset) => ({ producerId: ALICE, firstOffset }))
  assert.deepEqual(await offsetsOf(fetched(batches, 0, aborted)), [2])
})

test('a damaged batch is told each time, after all that lies before it', async () => {
  const bad = records(5, 2)
  bad[65]! ^= 0xff
  const source = fetched([records(0, 5), bad])
  assert.equal((await source.take(10)).records.length, 5)
  for (let attempt = 0; attempt < 2; attempt++) {
    const isCorrupt = (e: unknown) => e instanceof KafkaError && e.error === 'CORRUPT_MESSAGE'
    await assert.rejects(source.take(10), isCorrupt)
    assert.equal(source.nextOffset, 5)
  }
})

test('however it is taken, everything comes once and in order', async () => {
  const codec = fc.constantFrom<CompressionName>('none', 'gzip', 'snappy', 'lz4', 'zstd')
  const shape = fc.array(
    fc.record({ count: fc.integer({ min: 1, max: 9 }), gap: fc.nat(3), codec }),
  )
  await fc.assert(
    fc.asyncProperty(shape, fc.integer({ min: 1, max: 7 }), fc.nat(20), async (all, most, from) => {
      const batches: Uint8Array[] = []
      const expected: number[] = []
      let offset = 0
      for (const { count, gap, codec } of all) {
        batches.push(records(offset + gap, count, { compression: codec }))
        for (let n = 0; n < count; n++) expected.push(offset + gap + n)
        offset += gap + count
      }
      const source = fetched(batches, from)
      assert.deepEqual(
        await offsetsOf(source, most),
        expected.filter((one) => one >= from),
      )
      assert.equal(source.nextOffset, source.endOffset)
    }),
  )
})
