import type { Random } from './environment.ts'

/**
 * The same numbers for the same seed, for simulations and tests; never for secrets.
 * (SplitMix32: a counter whose bits are mixed; period 2^32.)
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
  return {
    below: (limit) => Math.floor((next() / 0x1_0000_0000) * limit),
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
  }
}
