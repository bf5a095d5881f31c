import type { Random } from '../../src/kernel/environment.ts'

/** Code that is handed bytes from outside. */
export interface FuzzTarget {
  /** What is decoded, for reports. */
  readonly name: string
  /**
   * One attempt. Returns, or throws `KafkaError`; anything else is a finding. All choices come from
   * `random`, so that an attempt can be repeated from its seed.
   * @param bytes noise to decode as it is; a target that knows valid input damages some of that
   *   too, with `damage`.
   */
  run(random: Random, bytes: Uint8Array): void
}

/** Numbers that lengths and counts are replaced with: signs, edges of types, and far too much. */
const temptingBytes: readonly (readonly number[])[] = [
  [0xff],
  [0x80],
  [0x7f],
  [0x00],
  [0xff, 0xff],
  [0x7f, 0xff],
  [0xff, 0xff, 0xff, 0xff],
  [0x7f, 0xff, 0xff, 0xff],
  [0x80, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x07],
]

/** A copy of `valid` with one to four faults: changed, cut, repeated, inserted or removed bytes. */
export function damage(random: Random, valid: Uint8Array): Uint8Array {
  let bytes: Uint8Array = new Uint8Array(valid)
  for (let faults = 1 + random.below(4); faults > 0; faults--) bytes = oneFault(random, bytes)
  return bytes
}

function oneFault(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1)
  const end = Math.min(bytes.length, at + 1 + random.below(16))
  switch (random.below(6)) {
    case 0:
      return changed(bytes, at, [random.below(256)])
    case 1:
      return changed(bytes, at, temptingBytes[random.below(temptingBytes.length)]!)
    case 2:
      return bytes.slice(0, at)
    case 3: // repeated
      return joined(bytes.subarray(0, end), bytes.subarray(at))
    case 4: // inserted
      return joined(bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at))
    default: // removed
      return joined(bytes.subarray(0, at), bytes.subarray(end))
  }
}

function changed(bytes: Uint8Array, at: number, to: readonly number[]): Uint8Array {
  const copy = bytes.slice()
  for (const [index, value] of to.entries()) {
    if (at + index < copy.length) copy[at + index] = value
  }
  return copy
}

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
