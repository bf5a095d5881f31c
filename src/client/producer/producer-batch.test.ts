import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { recordsOf } from '../../records/records.ts'
import { ProducerBatch, type SerializedRecord, sizeLimitOf } from './producer-batch.ts'

const MAX_BYTES = 1 << 24
const bytes = fc.uint8Array({ maxLength: 40 })
const record: fc.Arbitrary<SerializedRecord> = fc
  .record({
    key: fc.option(bytes),
    value: fc.option(fc.oneof(bytes, fc.string({ unit: 'binary' }), fc.string())),
    headers: fc.array(fc.record({ key: bytes, value: fc.option(bytes) }), { maxLength: 3 }),
    timestamp: fc.nat(2 ** 41),
  })
  .map((parts) => ({ ...parts, valueBytes: Buffer.from(parts.value ?? '').length }))

const plain = ({ key, value, timestamp }: SerializedRecord) => {
  return { key, value: value === null ? null : Uint8Array.from(Buffer.from(value)), timestamp }
}

function filled(records: readonly SerializedRecord[], told: string[] = []): ProducerBatch {
  const sizeBytes = records.reduce((sum, each) => sum + sizeLimitOf(each), 61)
  const batch = new ProducerBatch(7, new Uint8Array(sizeBytes), 0)
  for (const [index, each] of records.entries()) {
    assert.ok(batch.hasRoomFor(sizeLimitOf(each)))
    batch.append(each, (_error: unknown) => void told.push(`${index}`), undefined)
  }
  return batch
}

function read(batch: ProducerBatch) {
  const sealed = batch.seal(0, 1, 2)
  return [...recordsOf(sealed, 0, MAX_BYTES)].map(({ key, value, timestamp, headers }) => {
    const copy = (data: Uint8Array | null) => data && Uint8Array.from(data)
    return { key: copy(key), value: copy(value), timestamp, headers: headers.length }
  })
}

test('a batch holds the records that were put in, in order', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (records) => {
      const expected = records.map((each) => ({ ...plain(each), headers: each.headers.length }))
      assert.deepEqual(read(filled(records)), expected)
    }),
  )
})

test('a split batch holds the same records in the same order, and tells the same callers once', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), fc.nat(900), (records, max) => {
      const told: string[] = []
      const parts = filled(records, told).split(max)
      const expected = records.map((each) => ({ ...plain(each), headers: each.headers.length }))
      assert.deepEqual(parts.flatMap(read), expected)
      let order = 7
      for (const part of parts) {
        assert.equal(part.order, order)
        order += part.count
        part.acknowledge('t', 0, 0, -1)
      }
      assert.deepEqual(
        told,
        records.map((_, index) => `${index}`),
      )
    }),
  )
})

test('a batch that is sent again is a copy: the system may still hold the first', () => {
  const [one] = fc.sample(record, 1)
  const batch = filled([one!])
  batch.baseSequence = 3
  const first = Uint8Array.from(batch.seal(0, 1, 2))
  const held = batch.packed!
  batch.baseSequence = 9
  assert.notDeepEqual(batch.seal(0, 1, 3), first)
  assert.deepEqual(Uint8Array.from(held), first)
})
