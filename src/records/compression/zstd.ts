import { flatten } from '../../kernel/bytes.ts'
import { type Codec, corrupt, plainBytes } from './codec.ts'
import { capped, failure, type Inflated, offLoop, pieceBytes, within, zlib } from './zlib.ts'

/** Frames after one another are allowed by the format (RFC 8878) and written by nobody we know: more
 *  than a few are an attempt to keep us busy. */
const MAX_FRAMES = 64

/** Codec 4 (KIP-110). Frames mostly come without their content's size, so output is grown. */
export const zstd: Codec = {
  compressSync: (plain, level) => plainBytes(zlib().zstdCompressSync(plain, options(plain, level))),
  async compress(plain, level) {
    return plainBytes(await offLoop(zlib().zstdCompress, plain, options(plain, level)))
  },
  decompressSync: (packed, maxBytes) => framesSync(packed, maxBytes, MAX_FRAMES),
  decompress: (packed, maxBytes) => frames(packed, maxBytes, MAX_FRAMES),
}

/** Node decompresses one frame per call, so each call takes the next. */
function framesSync(packed: Uint8Array, maxBytes: number, framesLeft: number): Uint8Array {
  let inflated: unknown
  try {
    inflated = zlib().zstdDecompressSync(packed, capped(packed, maxBytes))
  } catch (error) {
    throw failure('zstd', error, maxBytes)
  }
  const first = within('zstd', inflated as Inflated, maxBytes) // that is what `info` gives
  const rest = restOf(packed, first, framesLeft)
  if (rest.length === 0) return first.buffer
  return flatten([first.buffer, framesSync(rest, maxBytes - first.buffer.length, framesLeft - 1)])
}

/** As `framesSync`, off the loop. */
async function frames(packed: Uint8Array, maxBytes: number, left: number): Promise<Uint8Array> {
  let inflated: unknown
  try {
    inflated = await offLoop(zlib().zstdDecompress, packed, capped(packed, maxBytes))
  } catch (error) {
    throw failure('zstd', error, maxBytes)
  }
  const first = within('zstd', inflated as Inflated, maxBytes) // that is what `info` gives
  const rest = restOf(packed, first, left)
  if (rest.length === 0) return first.buffer
  return flatten([first.buffer, await frames(rest, maxBytes - first.buffer.length, left - 1)])
}

function restOf(packed: Uint8Array, first: Inflated, framesLeft: number): Uint8Array {
  const usedBytes = first.engine.bytesWritten
  if (usedBytes === 0 || framesLeft === 1) throw corrupt('zstd', `has over ${MAX_FRAMES} frames`)
  return packed.subarray(usedBytes)
}

/** Levels -131,072 to 22; 3 is zstd's own default. */
function options(plain: Uint8Array, level = 3) {
  const { ZSTD_c_compressionLevel } = zlib().constants
  return { params: { [ZSTD_c_compressionLevel]: level }, chunkSize: pieceBytes(plain.length / 2) }
}
