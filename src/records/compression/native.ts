import { createRequire } from 'node:module'

/** Loads a native library. Called at a codec's first use: each costs about 6 ms. */
export function loadNative(name: string): unknown {
  return createRequire(import.meta.url)(name)
}
