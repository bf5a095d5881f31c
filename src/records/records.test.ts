import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import * as batch from './batch.ts'
import { BatchBuilder } from './builder.ts'
import { compressionNames } from './compression/compression.ts'
import { anyRecord, anyRecords, kafkaError, MANY_BYTES, SEED } from './fixtures-for-test.ts'
import { currentRecord, type LogRecord, openRecords, recordsOf } from './records.ts'

type AnyRecord = typeof anyRecord extends fc.Arbitrary<infer T> ? T : never

const asRead = (records: readonly AnyRecord[], baseOffset: number): LogRecord[] =>
  records.map((record, index) => ({ offset: baseOffset + index, ...record }))

for (const compression of compressionNames) {
  test(`${compression}: records are read as they were written (seed ${SEED})`, () => {
    fc.assert(
      fc.property(anyRecords, fc.maxSafeNat(), (records, offset) => {
        const baseOffset = offset - 200 > 0 ? offset - 200 : offset
        const builder = new BatchBuilder({ compression, baseOffset })
        for (const record of records) builder.append(record)
        const bytes = builder.build()
        assert.equal(batch.batchDamage(bytes), undefined)
        assert.equal(batch.recordCount(bytes), records.length)
        assert.equal(batch.lastOffsetDelta(bytes), records.length - 1)
        assert.equal(batch.maxTimestamp(bytes), Math.max(...records.map((r) => r.timestamp)))
        assert.deepEqual([...recordsOf(bytes, 0, MANY_BYTES)], asRead(records, baseOffset))
      }),
      { seed: SEED, numRuns: 60 },
    )
  })
}

for (const compression of compressionNames) {
  test(`${compression}: a large batch is built and read off the loop with the same result`, async () => {
    const input = { compression, baseOffset: 5 }
    const [now, later] = [new BatchBuilder(input), new BatchBuilder(input)]
    for (let index = 0; index < 3_000; index++) {
      const record = { key: `k${index}`, value: 'v'.repeat(index % 300), timestamp: index }
      now.append(record)
      later.append(record)
    }
    const bytes = now.build()
    const expected = [...recordsOf(bytes, 0, MANY_BYTES)]
    assert.deepEqual([...recordsOf(await later.buildAsync(), 0, MANY_BYTES)], expected)
    const cursor = await openRecords(bytes, 0, MANY_BYTES)
    let count = 0
    while (cursor.next()) assert.equal(currentRecord(cursor).offset, 5 + count++)
    assert.equal(count, 3_000)
    await assert.rejects(async () => openRecords(bytes, 0, 10_000), kafkaError('MESSAGE_TOO_LARGE'))
  })
}

test(`gaps between offsets and behind the last record are kept (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(300), anyRecord)), fc.nat(9), (steps, behind) => {
      const builder = new BatchBuilder({ deleteHorizonMs: 77, compression: 'lz4' })
      let delta = -1
      const deltas = steps.map(([gap, record]) => {
        delta += 1 + gap
        builder.appendAt(delta, record)
        return delta
      })
      const bytes = builder.build(delta + behind)
      assert.equal(batch.lastOffsetDelta(bytes), delta + behind)
      assert.equal(batch.deleteHorizonMs(bytes), 77)
      const read = [...recordsOf(bytes, 0, MANY_BYTES)]
      assert.deepEqual(
        read.map(({ offset, timestamp }) => [offset, timestamp]),
        steps.map(([, record], index) => [deltas[index], record.timestamp]),
      )
    }),
    { seed: SEED, numRuns: 100 },
  )
})

test('with LogAppendTime every record has the time of the batch', () => {
  const bytes = new BatchBuilder().append({ timestamp: 1 }).append({ timestamp: 2 }).build()
  batch.setTimestamp(bytes, 0, 'LogAppendTime', 99)
  assert.deepEqual(
    [...recordsOf(bytes, 0, MANY_BYTES)].map((record) => record.timestamp),
    [99, 99],
  )
})

test('a batch is read where it lies among others', () => {
  const bytes = new BatchBuilder({ baseOffset: 7 }).append({ value: 'x', timestamp: 1 }).build()
  const among = new Uint8Array(bytes.length + 20).fill(0xee)
  among.set(bytes, 9)
  assert.equal([...recordsOf(among, 9, MANY_BYTES)][0]?.offset, 7)
})

test('a control batch without records, as compaction leaves it, is read as empty', () => {
  const bytes = new BatchBuilder({ isControl: true, baseOffset: 4 }).build(3)
  assert.equal(batch.isControlBatch(bytes), true)
  assert.equal(batch.lastOffset(bytes), 7)
  assert.deepEqual([...recordsOf(bytes, 0, MANY_BYTES)], [])
})
