import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { writeVarint } from '../kernel/varint.ts'
import { KafkaError } from '../protocol/errors.ts'
import * as batch from './batch.ts'
import { BatchBuilder, writeBatch } from './builder.ts'
import { RecordCursor } from './cursor.ts'
import { kafkaError, SEED } from './fixtures-for-test.ts'

const header = batch.readHeader(new BatchBuilder().append({ timestamp: 5 }).build())

/** A cursor over raw record bytes, behind a header that declares `recordCount`. */
function over(records: readonly number[], recordCount = 1): RecordCursor {
  const bytes = writeBatch(Uint8Array.from(records), { ...header, recordCount })
  return new RecordCursor(bytes, 0, bytes, batch.BATCH_OVERHEAD_BYTES)
}

function varint(value: number): number[] {
  const bytes = new Uint8Array(5)
  return [...bytes.subarray(0, writeVarint(bytes, 0, value))]
}

/** A record around the fields behind its attributes. */
const record = (...fields: number[]): number[] => [...varint(fields.length + 1), 0, ...fields]

const [NULL, ZERO, ONE, TWO] = [1, 0, 2, 4] // zigzag of -1, 0, 1, 2

test('a record of nulls is the smallest one', () => {
  const cursor = over(record(ZERO, ZERO, NULL, NULL, ZERO))
  assert.equal(cursor.next(), true)
  assert.deepEqual(
    [cursor.offset, cursor.timestamp, cursor.key(), cursor.value(), cursor.headers()],
    [0, 5, null, null, []],
  )
  assert.equal(cursor.next(), false)
  assert.equal(cursor.next(), false)
})

test('numbers that are written longer than needed are read', () => {
  const padded = [0x82, 0x80, 0x80, 0x80, 0x00] // 1 in five bytes
  const cursor = over(record(...padded, ...padded, NULL, NULL, ZERO))
  cursor.next()
  assert.deepEqual([cursor.timestamp, cursor.offsetDelta], [6, 1])
})

const long = (count: number) => Array<number>(count).fill(0xff)
// One row per lie that a record can tell.
const hostile: readonly (readonly [lie: string, records: readonly number[], count?: number])[] = [
  ['no record where one is declared', []],
  ['fewer records than declared', record(ZERO, ZERO, NULL, NULL, ZERO), 2],
  ['a negative count', record(ZERO, ZERO, NULL, NULL, ZERO), -1],
  ['bytes behind the last record', [...record(ZERO, ZERO, NULL, NULL, ZERO), 0]],
  ['bytes behind no record', [0], 0],
  ['a negative size', [...varint(-2), 0, 0, 0, 0, 0, 0, 0]],
  ['a size beyond the batch', [...varint(60), 0, ZERO, ZERO, NULL, NULL, ZERO]],
  ['the largest size', [...varint(0x7fff_ffff), 0, ZERO, ZERO, NULL, NULL, ZERO]],
  ['a size too small for its fields', [...varint(5), 0, ZERO, ZERO, NULL, NULL, ZERO]],
  ['a size of ten bytes', [...long(10), 0, ZERO, ZERO, NULL, NULL, ZERO]],
  ['a size that never ends', long(4)],
  ['a timestamp of eleven bytes', record(...long(10), 1, ZERO, NULL, NULL, ZERO)],
  ['a timestamp that ends the record', record(0x80, 0x80, 0x80, 0x80, 0x01)],
  ['an offset of six bytes', record(ZERO, ...long(5), 1, NULL, NULL, ZERO)],
  ['an offset that ends the record', record(ZERO, 0x80, 0x80, 0x80, 0x01)],
  ['a key beyond its record', record(ZERO, ZERO, ...varint(4), NULL, ZERO)],
  ['a key of 2 GB', record(ZERO, ZERO, ...varint(0x7fff_ffff), NULL, ZERO)],
  ['a value beyond its record', record(ZERO, ZERO, NULL, ...varint(2), ZERO)],
  ['a value up to the end of its record', record(ZERO, ZERO, NULL, ONE, 9)],
  ['a negative count of headers', record(ZERO, ZERO, NULL, NULL, NULL)],
  ['more headers than bytes', record(ZERO, ZERO, NULL, NULL, ...varint(0x7fff_ffff))],
  ['a header with a null key', record(ZERO, ZERO, NULL, NULL, ONE, NULL, NULL)],
  ['a header key beyond its record', record(ZERO, ZERO, NULL, NULL, ONE, TWO, NULL)],
  ['a header value beyond its record', record(ZERO, ZERO, NULL, NULL, ONE, ZERO, TWO)],
  ['bytes behind the headers', record(ZERO, ZERO, NULL, NULL, ONE, ZERO, NULL, 0)],
]
for (const [lie, records, count] of hostile) {
  test(`a batch with ${lie} is refused`, () => {
    assert.throws(() => {
      const cursor = over(records, count)
      while (cursor.next());
    }, kafkaError('INVALID_RECORD'))
  })
}

test(`a cursor over any bytes ends or throws KafkaError (seed ${SEED})`, () => {
  const small = fc.oneof(
    { weight: 4, arbitrary: fc.nat(12) },
    { weight: 1, arbitrary: fc.nat(255) },
  )
  fc.assert(
    fc.property(fc.array(small, { maxLength: 60 }), fc.nat(9), (records, count) => {
      try {
        const cursor = over(records, count)
        for (let steps = 0; cursor.next(); steps++) {
          assert.ok(steps < count)
          assert.ok((cursor.value()?.length ?? 0) <= records.length)
          assert.equal(cursor.headers().length, cursor.headerCount)
        }
      } catch (error) {
        assert.ok(error instanceof KafkaError, String(error))
      }
    }),
    { seed: SEED, numRuns: 2_000 },
  )
})
