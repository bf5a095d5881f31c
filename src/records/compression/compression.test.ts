import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KafkaError } from '../../protocol/errors.ts'
import { kafkaError, MANY_BYTES, SEED, sampleBytes } from '../fixtures-for-test.ts'
import {
  codecs,
  compress,
  compressionId,
  compressionName,
  compressionNames,
  decompress,
} from './compression.ts'

/** The contract of every codec that changes bytes. */
const packing = compressionNames.filter((name) => name !== 'none')

/** Bytes of all kinds: random, repetitive, empty, and beyond the block sizes of the formats. */
const anyContent = fc.oneof(
  fc.uint8Array({ maxLength: 2_000 }),
  fc.nat(200_000).map(sampleBytes),
  fc.nat(400_000).map((size) => new Uint8Array(size)),
)

for (const name of compressionNames) {
  const codec = codecs[name]

  test(`${name}: bytes survive both ways, at once and off the loop (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(anyContent, async (plain) => {
        const now = codec.compressSync(plain, undefined)
        const later = await codec.compress(plain, undefined)
        assert.deepEqual(codec.decompressSync(now, plain.length), plain)
        assert.deepEqual(codec.decompressSync(later, MANY_BYTES), plain)
        assert.deepEqual(await codec.decompress(now, plain.length), plain)
        assert.deepEqual(await codec.decompress(later, MANY_BYTES), plain)
      }),
      { seed: SEED, numRuns: 25 },
    )
  })

  test(`${name}: a result of one byte too many is refused`, async () => {
    for (const size of [1, 100, 70_000, 300_000]) {
      const packed = codec.compressSync(sampleBytes(size), undefined)
      const tooLarge = kafkaError('MESSAGE_TOO_LARGE')
      assert.throws(() => codec.decompressSync(packed, size - 1), tooLarge)
      await assert.rejects(async () => codec.decompress(packed, size - 1), tooLarge)
    }
  })

  test(`${name}: results are plain arrays`, async () => {
    const packed = codec.compressSync(sampleBytes(500), undefined)
    const results = [
      packed,
      await codec.compress(sampleBytes(500), undefined),
      codec.decompressSync(packed, 500),
      await codec.decompress(packed, 500),
    ]
    for (const result of results) assert.equal(Object.getPrototypeOf(result), Uint8Array.prototype)
  })
}

for (const name of packing) {
  const codec = codecs[name]

  test(`${name}: data cut off anywhere is refused`, () => {
    const plain = sampleBytes(400)
    const packed = codec.compressSync(plain, undefined)
    for (let length = 0; length < packed.length; length++) {
      const cut = packed.subarray(0, length)
      // The header alone of Java's Snappy framing is a whole stream of nothing.
      if (name === 'snappy' && length === 16) continue
      const corrupt = kafkaError('CORRUPT_MESSAGE')
      assert.throws(() => codec.decompressSync(cut, MANY_BYTES), corrupt, `${length} bytes`)
    }
  })

  test(`${name}: any bytes, and damaged ones, give a result or KafkaError (seed ${SEED})`, () => {
    const packed = codec.compressSync(sampleBytes(1_000), undefined)
    const damaged = fc.tuple(fc.nat(packed.length - 1), fc.nat(255)).map(([at, value]) => {
      const bytes = packed.slice()
      bytes[at] = value
      return bytes
    })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 100 })), (bytes) => {
        try {
          assert.ok(codec.decompressSync(bytes, 5_000).length <= 5_000)
        } catch (error) {
          assert.ok(error instanceof KafkaError, String(error))
        }
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  test(`${name}: 64 MB of zeros are refused in little time and memory`, () => {
    const bomb = codec.compressSync(new Uint8Array(64 * 1_048_576), undefined)
    const before = process.memoryUsage().rss
    assert.throws(() => codec.decompressSync(bomb, 1_000_000), kafkaError('MESSAGE_TOO_LARGE'))
    assert.ok(process.memoryUsage().rss - before < 32 * 1_048_576)
  })
}

test('every id stands for its name', () => {
  for (const name of compressionNames) assert.equal(compressionName(compressionId(name)), name)
  for (const id of [5, 6, 7]) {
    assert.throws(() => compressionName(id), kafkaError('UNSUPPORTED_COMPRESSION_TYPE'))
  }
})

test('small work is done at once, large work off the loop', async () => {
  const [small, large] = [sampleBytes(1_000), sampleBytes(300_000)]
  for (const name of packing) {
    const now = compress(name, small)
    assert.ok(now instanceof Uint8Array)
    assert.ok(decompress(name, now, MANY_BYTES) instanceof Uint8Array)
    const later = compress(name, large)
    assert.ok(later instanceof Promise)
    assert.deepEqual(await decompress(name, await later, MANY_BYTES), large)
  }
})

test('a small input that becomes large is decompressed off the loop, and still bounded', async () => {
  const plain = new Uint8Array(4_000_000)
  for (const name of ['gzip', 'lz4', 'zstd'] as const) {
    const packed = codecs[name].compressSync(plain, undefined)
    assert.ok(packed.length < 65_536)
    const result = decompress(name, packed, MANY_BYTES)
    assert.ok(result instanceof Promise)
    assert.deepEqual(await result, plain)
    const tooLarge = kafkaError('MESSAGE_TOO_LARGE')
    await assert.rejects(async () => decompress(name, packed, 3_999_999), tooLarge)
  }
})

test('a higher level makes gzip and zstd smaller', () => {
  const plain = sampleBytes(200_000)
  const size = (name: 'gzip' | 'zstd', level: number) =>
    codecs[name].compressSync(plain, level).length
  assert.ok(size('gzip', 9) < size('gzip', 1))
  assert.ok(size('zstd', 19) < size('zstd', -50))
})
