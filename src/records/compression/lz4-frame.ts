import { readUint32 } from '../../kernel/bytes.ts'
import { corrupt, tooLarge } from './codec.ts'
import { xxHash32 } from './xxhash.ts'

/*
 * The outside of an LZ4 frame (lz4_Frame_format 1.6), checked before the library sees it, because
 * the library neither bounds its output nor minds a missing end:
 *
 *    magic 04 22 4d 18 · flags · block size code · [content size, 8] · [dictionary id, 4] ·
 *    header checksum · blocks: size uint32 little-endian (top bit: stored), bytes, [checksum, 4] ·
 *    end mark 0 · [content checksum, 4]
 *
 * What follows the first frame is ignored, as Java does.
 */

const MAGIC = 0x184d2204
const FLAGS_AT = 4
const DESCRIPTOR_AT = 6
const STORED_BIT = 0x8000_0000

const VERSION_MASK = 0xc0
const VERSION_1 = 0x40
const BLOCK_CHECKSUM_BIT = 0x10
const CONTENT_SIZE_BIT = 0x08
const CONTENT_CHECKSUM_BIT = 0x04
const DICTIONARY_BIT = 0x01

/**
 * Checks the outside of a frame and that its content is at most `maxBytes`, without decompressing.
 * @returns the bytes from the magic to the end mark and content checksum.
 * Costs a few ns per block; only a frame that might be too large is walked token by token.
 * @throws KafkaError CORRUPT_MESSAGE | MESSAGE_TOO_LARGE
 */
export function checkedFrame(packed: Uint8Array, maxBytes: number): Uint8Array {
  const { firstBlockAt, blockMaxBytes } = readFrameHeader(packed)
  const flags = packed[FLAGS_AT]!
  const checksumBytes = flags & BLOCK_CHECKSUM_BIT ? 4 : 0
  let at = firstBlockAt
  let contentBytes = 0
  for (;;) {
    if (packed.length - at < 4) throw corrupt('lz4', 'ends before its end mark')
    const word = readUint32LE(packed, at)
    at += 4
    if (word === 0) break
    const isStored = word >= STORED_BIT
    const size = isStored ? word - STORED_BIT : word
    if (size > blockMaxBytes || size + checksumBytes > packed.length - at) {
      throw corrupt('lz4', `declares a block of ${size} bytes where ${packed.length - at} follow`)
    }
    const block = packed.subarray(at, at + size)
    const left = maxBytes - contentBytes
    contentBytes += isStored ? size : contentOf(block, blockMaxBytes, left)
    if (contentBytes > maxBytes) throw tooLarge('lz4', maxBytes)
    at += size + checksumBytes
  }
  if (flags & CONTENT_CHECKSUM_BIT) at += 4
  if (at > packed.length) throw corrupt('lz4', 'ends before its content checksum')
  return packed.subarray(0, at)
}

/**
 * Old producers computed the header checksum over the magic too (KAFKA-3160), in message format v0
 * only. This gives a copy with the right one, which the library insists on.
 */
export function withHeaderChecksum(packed: Uint8Array): Uint8Array {
  const at = headerEnd(packed)
  const fixed = new Uint8Array(packed)
  fixed[at] = headerChecksum(packed, at)
  return fixed
}

function headerChecksum(packed: Uint8Array, end: number): number {
  return (xxHash32(packed.subarray(FLAGS_AT, end)) >>> 8) & 0xff
}

/** Position of the header checksum. */
function headerEnd(packed: Uint8Array): number {
  if (packed.length < DESCRIPTOR_AT + 1) throw corrupt('lz4', 'ends inside its header')
  if (readUint32LE(packed, 0) !== MAGIC) throw corrupt('lz4', 'does not begin with its magic')
  const flags = packed[FLAGS_AT]!
  if ((flags & VERSION_MASK) !== VERSION_1) throw corrupt('lz4', 'has an unknown version')
  if (flags & DICTIONARY_BIT) throw corrupt('lz4', 'needs a dictionary')
  const end = DESCRIPTOR_AT + (flags & CONTENT_SIZE_BIT ? 8 : 0)
  if (end >= packed.length) throw corrupt('lz4', 'ends inside its header')
  return end
}

function readFrameHeader(packed: Uint8Array) {
  const end = headerEnd(packed)
  const code = (packed[FLAGS_AT + 1]! >> 4) & 7
  if (code < 4) throw corrupt('lz4', `has the unknown block size code ${code}`)
  if (packed[end] !== headerChecksum(packed, end)) {
    throw corrupt('lz4', 'has a wrong header checksum')
  }
  return { firstBlockAt: end + 1, blockMaxBytes: 1 << (2 * code + 8) }
}

/** Bytes a compressed block becomes: exact where it matters, else the most it can be, which is
 *  nearly exact because writers fill every block but the last. */
function contentOf(block: Uint8Array, blockMaxBytes: number, leftBytes: number): number {
  const most = Math.min(blockMaxBytes, block.length * 255)
  return most <= leftBytes ? most : exactContentOf(block)
}

/** Adds up the lengths that a block's tokens name: literals, then a match, again and again. */
function exactContentOf(block: Uint8Array): number {
  let sum = 0
  let at = 0
  while (at < block.length) {
    const token = block[at++]!
    let literals = token >> 4
    if (literals === 15) {
      for (let more = 255; more === 255 && at < block.length; ) literals += more = block[at++]!
    }
    sum += literals
    at += literals
    if (at >= block.length) break // the last sequence has no match
    at += 2
    let match = (token & 15) + 4
    if (match === 19) {
      for (let more = 255; more === 255 && at < block.length; ) match += more = block[at++]!
    }
    sum += match
  }
  return sum
}

function readUint32LE(bytes: Uint8Array, at: number): number {
  const big = readUint32(bytes, at)
  return (
    ((big >>> 24) | ((big >>> 8) & 0xff00) | ((big & 0xff00) << 8) | ((big & 0xff) << 24)) >>> 0
  )
}
