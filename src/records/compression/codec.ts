import { KafkaError } from '../../protocol/errors.ts'

/** What every compression codec can do. Inputs are only read; results belong to the caller. */
export interface Codec {
  /** @param level the codec's own scale; undefined for its default. */
  compressSync(plain: Uint8Array, level: number | undefined): Uint8Array
  /** As `compressSync`, on the thread pool. `plain` must not change meanwhile. */
  compress(plain: Uint8Array, level: number | undefined): Promise<Uint8Array>
  /**
   * @param maxBytes the largest result allowed; nothing beyond it is allocated, whatever the input
   *   declares.
   * @throws KafkaError MESSAGE_TOO_LARGE beyond it, CORRUPT_MESSAGE for bytes that are not whole.
   */
  decompressSync(packed: Uint8Array, maxBytes: number): Uint8Array
  /** As `decompressSync`, on the thread pool. `packed` must not change meanwhile. */
  decompress(packed: Uint8Array, maxBytes: number): Promise<Uint8Array>
}

export function tooLarge(codec: string, maxBytes: number): KafkaError {
  return new KafkaError(
    'MESSAGE_TOO_LARGE',
    `the ${codec} data is larger than ${maxBytes} bytes when decompressed`,
  )
}

export function corrupt(codec: string, what: string, cause?: unknown): KafkaError {
  return new KafkaError('CORRUPT_MESSAGE', `the ${codec} data ${what}`, { cause })
}

/** A plain array of the same bytes: a `Buffer` differs in what `slice` means, and its own hidden
 *  class would slow down whoever reads both. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Native code wants a `Buffer`; this is one of the same bytes. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
