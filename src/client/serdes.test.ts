import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesSerde, doubleSerde, intSerde, jsonSerde, longSerde, serdeNamed } from './serdes.ts'

function bytesOf(data: unknown): Uint8Array {
  assert.ok(data instanceof Uint8Array)
  return data
}

test('numbers come back as they went', () => {
  const safe = fc.maxSafeInteger()
  fc.assert(
    fc.property(fc.integer(), safe, fc.double({ noNaN: true }), (int, long, double) => {
      assert.equal(intSerde.deserialize('t', bytesOf(intSerde.serialize('t', int, []))), int)
      assert.equal(longSerde.deserialize('t', bytesOf(longSerde.serialize('t', long, []))), long)
      const back = doubleSerde.deserialize('t', bytesOf(doubleSerde.serialize('t', double, [])))
      assert.ok(Object.is(back, double))
    }),
  )
})

test('numbers are big-endian, as Java writes them', () => {
  const hex = (data: unknown) => Buffer.from(bytesOf(data)).toString('hex')
  assert.equal(hex(intSerde.serialize('t', -2, [])), 'fffffffe')
  assert.equal(hex(longSerde.serialize('t', 2 ** 40, [])), '0000010000000000')
  assert.equal(hex(doubleSerde.serialize('t', 1.5, [])), '3ff8000000000000')
})

test('what is no number of the type is refused', () => {
  assert.throws(() => intSerde.serialize('t', 2 ** 31, []), /32 bits/)
  assert.throws(() => intSerde.serialize('t', 0.5, []), /32 bits/)
  assert.throws(() => intSerde.deserialize('t', new Uint8Array(3)), /3 bytes/)
})

test('bytes are copied when they are read, because a view changes later', () => {
  const view = Uint8Array.of(1, 2)
  const kept = bytesSerde.deserialize('t', view)
  view[0] = 9
  assert.deepEqual(kept, Uint8Array.of(1, 2))
})

test('JSON is what it was', () => {
  const serde = jsonSerde<{ readonly a: number }>()
  const text = serde.serialize('t', { a: 1 }, [])
  assert.deepEqual(serde.deserialize('t', Buffer.from(String(text))), { a: 1 })
})

test('serdes have short names and those of Java', () => {
  const java = 'org.apache.kafka.common.serialization.LongDeserializer'
  assert.equal(serdeNamed(java), serdeNamed('long'))
  assert.throws(() => serdeNamed('avro'), /'avro' is no serializer.*string, bytes, json/)
})
