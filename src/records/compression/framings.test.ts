import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { kafkaError, MANY_BYTES, sampleBytes } from '../fixtures-for-test.ts'
import { codecs } from './compression.ts'
import { withHeaderChecksum } from './lz4-frame.ts'
import { loadNative } from './native.ts'
import { xxHash32 } from './xxhash.ts'

/** What producers in the field send beyond what we write, and what attackers would. */

function join(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

const corrupt = kafkaError('CORRUPT_MESSAGE')
const tooLarge = kafkaError('MESSAGE_TOO_LARGE')

test('gzip: members that follow one another are one stream', () => {
  const packed = join(gzipSync(sampleBytes(10)), gzipSync(''), gzipSync(sampleBytes(20)))
  const plain = join(sampleBytes(10), sampleBytes(20))
  assert.deepEqual(codecs.gzip.decompressSync(packed, 30), plain)
  assert.throws(() => codecs.gzip.decompressSync(packed, 29), tooLarge)
})

test('zstd: frames that follow one another are one stream, skippable ones are skipped', async () => {
  const skippable = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9]
  const frame = zstdCompressSync(sampleBytes(10))
  const packed = join(skippable, frame, frame, skippable)
  const plain = join(sampleBytes(10), sampleBytes(10))
  assert.deepEqual(codecs.zstd.decompressSync(packed, 20), plain)
  assert.deepEqual(await codecs.zstd.decompress(packed, 20), plain)
  assert.throws(() => codecs.zstd.decompressSync(packed, 19), tooLarge)
  assert.throws(() => codecs.zstd.decompressSync(join(frame, [1, 2, 3]), 100), corrupt)
})

test('zstd: more frames than anybody needs are refused', async () => {
  const empty = zstdCompressSync('')
  const many = join(...Array<Uint8Array>(100).fill(empty))
  assert.throws(() => codecs.zstd.decompressSync(many, MANY_BYTES), corrupt)
  await assert.rejects(async () => codecs.zstd.decompress(many, MANY_BYTES), corrupt)
})

test('zstd: a declared content of 2^60 bytes allocates nothing', () => {
  const header = [0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0x58, 0, 0, 0, 0, 0, 0, 0, 0x10]
  const lastBlock = [1, 0, 0]
  assert.equal(codecs.zstd.decompressSync(join(header, lastBlock), 1_000_000).length, 0)
})

// `as` is what the package's own declaration says.
const rawSnappy = loadNative('snappy') as { compressSync(plain: Uint8Array): Uint8Array }
const XERIAL = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]

test('snappy: a raw block, as librdkafka sends it, is read', async () => {
  const packed = rawSnappy.compressSync(sampleBytes(100_000))
  assert.deepEqual(codecs.snappy.decompressSync(packed, 100_000), sampleBytes(100_000))
  assert.deepEqual(await codecs.snappy.decompress(packed, 100_000), sampleBytes(100_000))
})

test("snappy: we write Java's framing in blocks of 32 KB", () => {
  const packed = codecs.snappy.compressSync(sampleBytes(40_000), undefined)
  const first = rawSnappy.compressSync(sampleBytes(40_000).subarray(0, 32_768))
  assert.deepEqual([...packed.subarray(0, 16)], XERIAL)
  assert.equal(new DataView(packed.buffer, packed.byteOffset).getInt32(16), first.length)
  assert.deepEqual([...packed.subarray(20, 20 + first.length)], [...first])
})

test('snappy: files of that framing that were joined are one stream', () => {
  const packed = codecs.snappy.compressSync(sampleBytes(10), undefined)
  const plain = join(sampleBytes(10), sampleBytes(10))
  assert.deepEqual(codecs.snappy.decompressSync(join(packed, packed), 20), plain)
})

// One row per size that a block or its frame may lie about.
const snappyLies: readonly (readonly [lie: string, bytes: readonly number[]])[] = [
  ['4 GB in a raw block', [0xff, 0xff, 0xff, 0xff, 0x0f, 0]],
  ['a size longer than 32 bits', [0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]],
  ['a block beyond the end', [...XERIAL, 0, 0, 0, 5, 1, 0, 0x61]],
  ['a negative block', [...XERIAL, 0xff, 0xff, 0xff, 0xff, 1, 0, 0x61]],
  ['an empty block', [...XERIAL, 0, 0, 0, 0]],
  ['half a size', [...XERIAL, 0, 0]],
]
for (const [lie, bytes] of snappyLies) {
  test(`snappy: ${lie} is refused`, () => {
    assert.throws(() => codecs.snappy.decompressSync(Uint8Array.from(bytes), MANY_BYTES), corrupt)
  })
}

test('snappy: more blocks than anybody needs are refused', () => {
  const blocks = new Uint8Array(70_000 * 5)
  for (let at = 0; at < blocks.length; at += 5) blocks[at + 3] = 1 // one block of the byte 0
  const packed = new Uint8Array(16 + blocks.length)
  packed.set(XERIAL)
  packed.set(blocks, 16)
  assert.throws(() => codecs.snappy.decompressSync(packed, MANY_BYTES), corrupt)
})

const LZ4_MAGIC = [0x04, 0x22, 0x4d, 0x18]
/** Flags, 64 KB blocks, and the checksum that the reference implementation writes for them. */
const INDEPENDENT = [0x60, 0x40, 0x82]
const abc = [4, 0, 0, 0x80, 0x61, 0x62, 0x63, 0x64] // a stored block
const END = [0, 0, 0, 0]

/** A frame with a right header checksum, `extra` being the optional fields of its header. */
function lz4Frame(flags: number, blockSizeCode: number, extra: number[], ...blocks: number[][]) {
  const descriptor = Uint8Array.of(flags, blockSizeCode << 4, ...extra)
  const checksum = (xxHash32(descriptor) >>> 8) & 0xff
  return join(LZ4_MAGIC, descriptor, [checksum], ...blocks)
}
const lz4Read = (packed: Uint8Array, maxBytes = MANY_BYTES) =>
  codecs.lz4.decompressSync(packed, maxBytes)

test("lz4: we write what Java's reader takes: independent blocks, no sizes, no checksums", () => {
  const packed = codecs.lz4.compressSync(sampleBytes(100), undefined)
  assert.deepEqual([...packed.subarray(0, 7)], [...LZ4_MAGIC, ...INDEPENDENT])
  assert.deepEqual([...packed.subarray(-4)], END)
  const large = codecs.lz4.compressSync(sampleBytes(1_000_000), undefined)
  assert.equal(large[4], 0x60)
})

test('lz4: blocks that refer to earlier ones are read', () => {
  const block = [5, 0, 0, 0, 0x00, 4, 0, 0x10, 0x21] // copies 4 bytes from 4 back, then '!'
  const packed = lz4Frame(0x40, 4, [], abc, block, END)
  assert.equal(Buffer.from(lz4Read(packed)).toString(), 'abcdabcd!')
})

test('lz4: content size and checksums are read past', () => {
  const size = [4, 0, 0, 0, 0, 0, 0, 0]
  assert.equal(Buffer.from(lz4Read(lz4Frame(0x68, 4, size, abc, END))).toString(), 'abcd')
})

test('lz4: what follows the frame is ignored, as in Java', () => {
  const packed = join(LZ4_MAGIC, INDEPENDENT, abc, END, [1, 2, 3, 4, 5])
  assert.equal(Buffer.from(lz4Read(packed)).toString(), 'abcd')
})

test('lz4: the bound is exact where the blocks could be larger', () => {
  const plain = new Uint8Array(5_000)
  const packed = codecs.lz4.compressSync(plain, undefined)
  assert.deepEqual(lz4Read(packed, 5_000), plain)
  assert.throws(() => lz4Read(packed, 4_999), tooLarge)
})

// One row per field of a frame.
const lz4Lies: readonly (readonly [lie: string, packed: Uint8Array])[] = [
  ['a wrong header checksum', join(LZ4_MAGIC, [0x60, 0x40, 0x83], abc, END)],
  ['version 2', lz4Frame(0xa0, 4, [], abc, END)],
  ['a dictionary', lz4Frame(0x61, 4, [0, 0, 0, 0], abc, END)],
  ['an unknown block size', lz4Frame(0x60, 3, [], abc, END)],
  ['no end mark', join(LZ4_MAGIC, INDEPENDENT, abc)],
  ['no content checksum', lz4Frame(0x64, 4, [], abc, END)],
  ['a block beyond the end', join(LZ4_MAGIC, INDEPENDENT, [9, 0, 0, 0x80, 0x61])],
  ['a block above its maximum', join(LZ4_MAGIC, INDEPENDENT, [1, 0, 1, 0], new Uint8Array(70_000))],
  ['a content size of 2^56', lz4Frame(0x68, 4, [0, 0, 0, 0, 0, 0, 0, 1], abc, END)],
  ['a match before the start', join(LZ4_MAGIC, INDEPENDENT, [4, 0, 0, 0, 0, 9, 0, 0x10], END)],
]
for (const [lie, packed] of lz4Lies) {
  test(`lz4: ${lie} is refused`, () => assert.throws(() => lz4Read(packed), corrupt))
}

test('lz4: the header checksum that old producers got wrong can be put right', () => {
  const old = join(LZ4_MAGIC, [0x60, 0x40, 0x1a], abc, END)
  assert.throws(() => lz4Read(old), corrupt)
  assert.equal(Buffer.from(lz4Read(withHeaderChecksum(old))).toString(), 'abcd')
  assert.equal(old[6], 0x1a)
})
