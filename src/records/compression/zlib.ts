import { corrupt, plainBytes, tooLarge } from './codec.ts'

/** What gzip and zstd share: both are Node's own. */

/** Loaded at first use: it costs a millisecond of the start. */
export const zlib = (): typeof import('node:zlib') => process.getBuiltinModule('node:zlib')

/** Output grows by pieces of this size: small for small inputs, few for large ones. */
export function pieceBytes(expectedBytes: number): number {
  return Math.min(Math.max(Math.ceil(expectedBytes), 1_024), 262_144)
}

/** What a call with the option `info` gives. */
export interface Inflated {
  readonly buffer: Uint8Array
  /** `bytesWritten` counts the input that was used. */
  readonly engine: { readonly bytesWritten: number }
}

/** Options that hold a decompression to `maxBytes`. Node refuses 0, so 1 stands for it. */
export function capped(packed: Uint8Array, maxBytes: number) {
  return {
    maxOutputLength: Math.max(maxBytes, 1),
    chunkSize: pieceBytes(packed.length * 4),
    info: true,
  }
}

/** The result when it is within its bound. */
export function within(codec: string, inflated: Inflated, maxBytes: number): Inflated {
  if (inflated.buffer.length > maxBytes) throw tooLarge(codec, maxBytes)
  return { buffer: plainBytes(inflated.buffer), engine: inflated.engine }
}

/** Turns Node's error into the one a peer is told. */
export function failure(codec: string, error: unknown, maxBytes: number): Error {
  // Node's errors carry a `code`; anything without one reads as undefined here.
  const { code } = error as { code?: string }
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(codec, maxBytes)
  return corrupt(codec, 'cannot be decompressed', error)
}

type Run<Options> = (
  input: Uint8Array,
  options: Options,
  done: (error: Error | null, result: Buffer<ArrayBuffer>) => void,
) => void

/** One call to Node's thread pool as a promise. */
export function offLoop<Options>(run: Run<Options>, input: Uint8Array, options: Options) {
  return new Promise<Uint8Array>((resolve, reject) => {
    run(input, options, (error, result) => (error ? reject(error) : resolve(result)))
  })
}
