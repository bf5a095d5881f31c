import { flatten, readInt32, writeInt32 } from '../../kernel/bytes.ts'
import { readUnsignedVarint } from '../../kernel/varint.ts'
import { type Codec, corrupt, plainBytes, tooLarge } from './codec.ts'
import { loadNative } from './native.ts'

/*
 * Codec 2, in the two framings that producers send. Raw: one Snappy block, which begins with its
 * decompressed size. Xerial, Java's: a 16-byte header (magic, version, compatible version), then
 * blocks, each behind its int32 size; where files were joined the header may come again. We write
 * what Java writes, so that every reader of Kafka's own logs can read ours.
 */

const XERIAL_HEADER = Uint8Array.of(0x82, 83, 78, 65, 80, 80, 89, 0, 0, 0, 0, 1, 0, 0, 0, 1)
const XERIAL_MAGIC_BYTES = 8
/** The magic's beginning, where a block's size is expected. */
const HEADER_AGAIN = readInt32(XERIAL_HEADER, 0)
/** Bytes of input in one block, as in Java. */
const BLOCK_BYTES = 32_768
/** A block costs a native call; 2 GB in Java's blocks are that many. */
const MAX_BLOCKS = 65_536
/** No Snappy element makes more than 64 bytes out of 3. */
const LARGEST_RATIO = 22

/** The part of npm `snappy` that is used, loaded at first use. */
interface Native {
  compressSync(plain: Uint8Array): Uint8Array
  compress(plain: Uint8Array): Promise<Uint8Array>
  uncompressSync(packed: Uint8Array): Uint8Array
  uncompress(packed: Uint8Array): Promise<Uint8Array>
}
let native: Native | undefined

function load(): Native {
  native ??= loadNative('snappy') as Native // as its own types declare, without the options
  return native
}

export const snappy: Codec = {
  compressSync: (plain) => joined(slices(plain).map((slice) => load().compressSync(slice))),
  async compress(plain) {
    return joined(await Promise.all(slices(plain).map((slice) => load().compress(slice))))
  },
  decompressSync(packed, maxBytes) {
    const blocks = checkedBlocks(packed, maxBytes)
    try {
      return plainBytes(flatten(blocks.map((block) => load().uncompressSync(block))))
    } catch (error) {
      throw corrupt('snappy', 'cannot be decompressed', error)
    }
  },
  async decompress(packed, maxBytes) {
    const blocks = checkedBlocks(packed, maxBytes)
    try {
      return plainBytes(flatten(await Promise.all(blocks.map((block) => load().uncompress(block)))))
    } catch (error) {
      throw corrupt('snappy', 'cannot be decompressed', error)
    }
  },
}

function slices(plain: Uint8Array): Uint8Array[] {
  const result: Uint8Array[] = []
  for (let at = 0; at < plain.length; at += BLOCK_BYTES) {
    result.push(plain.subarray(at, at + BLOCK_BYTES))
  }
  return result
}

function joined(blocks: readonly Uint8Array[]): Uint8Array {
  const chunks: Uint8Array[] = [XERIAL_HEADER]
  for (const block of blocks) {
    const size = new Uint8Array(4)
    writeInt32(size, 0, block.length)
    chunks.push(size, block)
  }
  return flatten(chunks)
}

/** The Snappy blocks of either framing, once their declared sizes are known to be within bounds. */
function checkedBlocks(packed: Uint8Array, maxBytes: number): Uint8Array[] {
  const blocks = isXerial(packed) ? xerialBlocks(packed) : [packed]
  let sumBytes = 0
  for (const block of blocks) {
    sumBytes += declaredBytes(block)
    if (sumBytes > maxBytes) throw tooLarge('snappy', maxBytes)
  }
  return blocks
}

function isXerial(packed: Uint8Array): boolean {
  if (packed.length < XERIAL_HEADER.length) return false
  for (let at = 0; at < XERIAL_MAGIC_BYTES; at++) {
    if (packed[at] !== XERIAL_HEADER[at]) return false
  }
  return true
}

function xerialBlocks(packed: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = []
  let at = XERIAL_HEADER.length
  while (at < packed.length) {
    if (packed.length - at < 4) throw corrupt('snappy', 'ends inside the size of a block')
    const size = readInt32(packed, at)
    if (size === HEADER_AGAIN && isXerial(packed.subarray(at))) {
      at += XERIAL_HEADER.length
      continue
    }
    at += 4
    if (size <= 0 || size > packed.length - at) {
      throw corrupt(
        'snappy',
        `declares a block of ${size} bytes where ${packed.length - at} follow`,
      )
    }
    if (blocks.length === MAX_BLOCKS) throw corrupt('snappy', `has over ${MAX_BLOCKS} blocks`)
    blocks.push(packed.subarray(at, at + size))
    at += size
  }
  return blocks
}

/** The decompressed size that a block begins with: the library would allocate whatever it says. */
function declaredBytes(block: Uint8Array): number {
  let size: number
  try {
    size = readUnsignedVarint(block, 0)
  } catch (error) {
    throw corrupt('snappy', 'does not begin with its size', error)
  }
  if (size <= block.length * LARGEST_RATIO) return size
  throw corrupt('snappy', `declares ${size} bytes out of a block of ${block.length}`)
}
