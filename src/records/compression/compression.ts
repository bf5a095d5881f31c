/** Compression: the codecs of record batches behind one interface, loaded at first use. */

import { KafkaError } from '../../protocol/errors.ts'
import type { Codec } from './codec.ts'
import { gzip } from './gzip.ts'
import { lz4 } from './lz4.ts'
import { snappy } from './snappy.ts'
import { zstd } from './zstd.ts'

/** Kafka's names in the order of their ids, which are the lowest bits of a batch's attributes. */
export const compressionNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

export type CompressionName = (typeof compressionNames)[number]

/** Effort per codec, on each codec's own scale; a missing one means the codec's default. */
export interface CompressionLevels {
  readonly gzip?: number
  readonly lz4?: number
  readonly zstd?: number
}

/** Inputs up to this size are handled at once, larger ones on the thread pool. */
const SYNC_LIMIT_BYTES = 65_536
/** What a small input may become before it too is sent to the thread pool: about 1 ms of work. */
const SYNC_RESULT_LIMIT_BYTES = 1_048_576

/** Passes bytes through, uncopied, and holds them to the same bound as the others. */
const none: Codec = {
  compressSync: (plain) => plain,
  compress: (plain) => Promise.resolve(plain),
  decompressSync(packed, maxBytes) {
    if (packed.length <= maxBytes) return packed
    throw new KafkaError('MESSAGE_TOO_LARGE', `${packed.length} bytes are more than ${maxBytes}`)
  },
  decompress: async (packed, maxBytes) => none.decompressSync(packed, maxBytes),
}

export const codecs: Readonly<Record<CompressionName, Codec>> = { none, gzip, snappy, lz4, zstd }

/** The id that stands for a codec in a batch's attributes. */
export function compressionId(name: CompressionName): number {
  return compressionNames.indexOf(name)
}

/** @throws KafkaError UNSUPPORTED_COMPRESSION_TYPE for ids 5 to 7, which no codec has. */
export function compressionName(id: number): CompressionName {
  const name = compressionNames[id]
  if (name) return name
  throw new KafkaError('UNSUPPORTED_COMPRESSION_TYPE', `there is no codec with the id ${id}`)
}

/** The level that applies to a codec. */
export function levelOf(name: CompressionName, levels: CompressionLevels): number | undefined {
  return name === 'none' || name === 'snappy' ? undefined : levels[name]
}

/** Compresses at once what is small, on the thread pool what is not; `plain` must not change then. */
export function compress(
  name: CompressionName,
  plain: Uint8Array,
  level?: number,
): Uint8Array | Promise<Uint8Array> {
  const codec = codecs[name]
  if (name === 'none' || plain.length <= SYNC_LIMIT_BYTES) return codec.compressSync(plain, level)
  return codec.compress(plain, level)
}

/**
 * Decompresses at once what is small, on the thread pool what is not or turns out not to be;
 * `packed` must not change then.
 * @throws KafkaError MESSAGE_TOO_LARGE beyond `maxBytes`, CORRUPT_MESSAGE; or rejects with them.
 */
export function decompress(
  name: CompressionName,
  packed: Uint8Array,
  maxBytes: number,
): Uint8Array | Promise<Uint8Array> {
  const codec = codecs[name]
  if (name === 'none') return codec.decompressSync(packed, maxBytes)
  if (packed.length > SYNC_LIMIT_BYTES) return codec.decompress(packed, maxBytes)
  if (maxBytes <= SYNC_RESULT_LIMIT_BYTES) return codec.decompressSync(packed, maxBytes)
  try {
    return codec.decompressSync(packed, SYNC_RESULT_LIMIT_BYTES)
  } catch (error) {
    const isLarge = error instanceof KafkaError && error.error === 'MESSAGE_TOO_LARGE'
    if (isLarge) return codec.decompress(packed, maxBytes)
    throw error
  }
}
