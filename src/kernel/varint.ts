/**
 * Variable-length integers: seven bits per byte, lowest first, the top bit set on all but the last.
 * Plain ones (`Unsigned`) carry lengths and tags, zigzag ones (`Varint`, `Varlong`) carry signed
 * fields of records. A reader returns the value; `varintEnd` tells where the next field begins.
 * A `RangeError` is thrown for a value that is too long or runs over the end of the array.
 */

/** Position of the first byte behind the variable-length integer at `at`. */
export function varintEnd(bytes: Uint8Array, at: number): number {
  for (let end = at; end < bytes.length; end++) if (bytes[end]! < 0x80) return end + 1
  throw new RangeError(`the varint at ${at} runs over the end at ${bytes.length}`)
}

/** At most five bytes; a fifth byte may carry four bits only. */
export function readUnsignedVarint(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let shift = 0, next = at; shift < 35; shift += 7, next++) {
    if (next >= bytes.length) throw new RangeError(`the varint at ${at} runs over the end`)
    const byte = bytes[next]!
    if (shift === 28 && byte > 0x0f) break
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value >>> 0
  }
  throw new RangeError(`the varint at ${at} is longer than 32 bits`)
}

/** An int32 in zigzag form. */
export function readVarint(bytes: Uint8Array, at: number): number {
  const zigzag = readUnsignedVarint(bytes, at)
  return (zigzag >>> 1) ^ -(zigzag & 1)
}

/** An int64 in zigzag form, at most ten bytes. @throws RangeError beyond the safe integers. */
export function readVarlong(bytes: Uint8Array, at: number): number {
  let low = 0 // bits 0 to 27
  let middle = 0 // bits 28 to 55
  let high = 0 // bits 56 to 63
  for (let count = 0; count < 10; count++) {
    if (at + count >= bytes.length) throw new RangeError(`the varlong at ${at} runs over the end`)
    const byte = bytes[at + count]!
    const bits = byte & 0x7f
    if (count < 4) low |= bits << (7 * count)
    else if (count < 8) middle |= bits << (7 * (count - 4))
    else high |= bits << (7 * (count - 8))
    if (byte >= 0x80) continue
    const magnitude = (low >>> 1) + middle * 0x800_0000 + high * 0x80_0000_0000_0000
    const value = (low & 1) === 0 ? magnitude : -magnitude - 1
    if (!Number.isSafeInteger(value)) throw new RangeError(`the varlong at ${at} is beyond 2^53`)
    return value
  }
  throw new RangeError(`the varlong at ${at} is longer than 64 bits`)
}

/** @param value 0 to 2^32 - 1. @returns the position behind the written bytes. */
export function writeUnsignedVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value >>> 0
  let next = at
  while (rest > 0x7f) {
    bytes[next++] = rest | 0x80
    rest >>>= 7
  }
  bytes[next++] = rest
  if (next > bytes.length) throw new RangeError(`no room for a varint at ${at} of ${bytes.length}`)
  return next
}

/** @param value an int32. @returns the position behind the written bytes. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  return writeUnsignedVarint(bytes, at, (value << 1) ^ (value >> 31))
}

/** @param value any safe integer. @returns the position behind the written bytes. */
export function writeVarlong(bytes: Uint8Array, at: number, value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a safe integer`)
  const magnitude = value < 0 ? -(value + 1) : value
  const lowHalf = (magnitude % 0x1_0000_0000) | 0
  let high = Math.floor(magnitude / 0x1_0000_0000) * 2 + (lowHalf >>> 31)
  let low = ((lowHalf << 1) | (value < 0 ? 1 : 0)) >>> 0
  let next = at
  while (high > 0 || low > 0x7f) {
    bytes[next++] = low | 0x80
    low = ((low >>> 7) | (high << 25)) >>> 0
    high >>>= 7
  }
  bytes[next++] = low
  if (next > bytes.length) throw new RangeError(`no room for a varlong at ${at} of ${bytes.length}`)
  return next
}

/** Bytes that `writeUnsignedVarint` takes, from 1 to 5. */
export function sizeOfUnsignedVarint(value: number): number {
  // 32 minus the leading zeros is the count of bits; seven of them fit in a byte.
  return value === 0 ? 1 : ((38 - Math.clz32(value)) / 7) | 0
}

/** Bytes that `writeVarint` takes, from 1 to 5. */
export function sizeOfVarint(value: number): number {
  return sizeOfUnsignedVarint((value << 1) ^ (value >> 31))
}

/** Bytes that `writeVarlong` takes, from 1 to 8. */
export function sizeOfVarlong(value: number): number {
  let rest = value < 0 ? -(value + 1) : value
  let size = 1
  for (rest = Math.floor(rest / 64); rest > 0; rest = Math.floor(rest / 128)) size++
  return size
}
