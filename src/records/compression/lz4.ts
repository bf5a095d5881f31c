import { asBuffer, type Codec, corrupt, plainBytes } from './codec.ts'
import { checkedFrame } from './lz4-frame.ts'
import { loadNative } from './native.ts'

/** The part of npm `lz4-napi` that is used, loaded at first use. */
interface Native {
  compressFrameSync(plain: Buffer): Uint8Array
  compressFrame(plain: Uint8Array): Promise<Uint8Array>
  decompressFrameSync(packed: Buffer): Uint8Array
  decompressFrame(packed: Uint8Array): Promise<Uint8Array>
}
let native: Native | undefined

function load(): Native {
  native ??= loadNative('lz4-napi') as Native // as its own types declare, without the options
  return native
}

/**
 * Codec 3, LZ4 frames. Written ones have independent blocks and no sizes or checksums beyond the
 * header's: the only kind Kafka's Java reader takes. All kinds are read.
 * The library knows one effort, that of Kafka's default level 9; other levels change nothing.
 */
export const lz4: Codec = {
  compressSync: (plain) => plainBytes(load().compressFrameSync(asBuffer(plain))),
  async compress(plain) {
    return plainBytes(await load().compressFrame(plain))
  },
  decompressSync(packed, maxBytes) {
    const frame = checkedFrame(packed, maxBytes)
    try {
      return plainBytes(load().decompressFrameSync(asBuffer(frame)))
    } catch (error) {
      throw corrupt('lz4', 'cannot be decompressed', error)
    }
  },
  async decompress(packed, maxBytes) {
    const frame = checkedFrame(packed, maxBytes)
    try {
      return plainBytes(await load().decompressFrame(frame))
    } catch (error) {
      throw corrupt('lz4', 'cannot be decompressed', error)
    }
  },
}
