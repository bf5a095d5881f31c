import { type Codec, plainBytes } from './codec.ts'
import { capped, failure, type Inflated, offLoop, pieceBytes, within, zlib } from './zlib.ts'

/** Codec 1. A stream may consist of several members (RFC 1952), as some producers write it. */
export const gzip: Codec = {
  compressSync: (plain, level) => plainBytes(zlib().gzipSync(plain, options(plain, level))),
  async compress(plain, level) {
    return plainBytes(await offLoop(zlib().gzip, plain, options(plain, level)))
  },
  decompressSync(packed, maxBytes) {
    let inflated: unknown
    try {
      inflated = zlib().gunzipSync(packed, capped(packed, maxBytes))
    } catch (error) {
      throw failure('gzip', error, maxBytes)
    }
    return within('gzip', inflated as Inflated, maxBytes).buffer // that is what `info` gives
  },
  async decompress(packed, maxBytes) {
    let inflated: unknown
    try {
      inflated = await offLoop(zlib().gunzip, packed, capped(packed, maxBytes))
    } catch (error) {
      throw failure('gzip', error, maxBytes)
    }
    return within('gzip', inflated as Inflated, maxBytes).buffer // that is what `info` gives
  },
}

/** Levels 1 to 9; -1 is zlib's own default. */
function options(plain: Uint8Array, level = -1) {
  return { level, chunkSize: pieceBytes(plain.length / 2) }
}
