/**
 * Reading and writing numbers in big-endian byte arrays, as Kafka's wire and disk formats need it.
 *
 * An int64 is a `number`: the high word times 2^32 plus the low word, which is exact up to 2^53 and
 * 25 times faster than `bigint`. Every read checks that the value is a safe integer and that all its
 * bytes exist; a `RangeError` names the position. Positions are bytes from the start of the array.
 */

const TWO_32 = 0x1_0000_0000

/** No bytes. Shared, so that "nothing" costs no allocation. */
export const EMPTY_BYTES = new Uint8Array(0)

/** A `DataView` of exactly the bytes that `bytes` shows, for code that reads many fields of it. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function readInt8(bytes: Uint8Array, at: number): number {
  check(bytes, at, 1)
  return (bytes[at]! << 24) >> 24
}

export function readInt16(bytes: Uint8Array, at: number): number {
  check(bytes, at, 2)
  return (((bytes[at]! << 8) | bytes[at + 1]!) << 16) >> 16
}

export function readUint16(bytes: Uint8Array, at: number): number {
  check(bytes, at, 2)
  return (bytes[at]! << 8) | bytes[at + 1]!
}

export function readInt32(bytes: Uint8Array, at: number): number {
  check(bytes, at, 4)
  return word(bytes, at)
}

export function readUint32(bytes: Uint8Array, at: number): number {
  check(bytes, at, 4)
  return word(bytes, at) >>> 0
}

/** @throws RangeError when the value is not a safe integer. */
export function readInt64(bytes: Uint8Array, at: number): number {
  check(bytes, at, 8)
  const value = word(bytes, at) * TWO_32 + (word(bytes, at + 4) >>> 0)
  if (!Number.isSafeInteger(value)) throw unsafe(at)
  return value
}

/** For values that are only passed on and may use all 64 bits. */
export function readBigInt64(bytes: Uint8Array, at: number): bigint {
  check(bytes, at, 8)
  return (BigInt(word(bytes, at)) << 32n) | BigInt(word(bytes, at + 4) >>> 0)
}

export function writeInt8(bytes: Uint8Array, at: number, value: number): void {
  check(bytes, at, 1)
  bytes[at] = value
}

export function writeInt16(bytes: Uint8Array, at: number, value: number): void {
  check(bytes, at, 2)
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

/** Takes signed and unsigned values alike: the low 32 bits are written. */
export function writeInt32(bytes: Uint8Array, at: number, value: number): void {
  check(bytes, at, 4)
  putWord(bytes, at, value)
}

/** @throws RangeError when the value is not a safe integer. */
export function writeInt64(bytes: Uint8Array, at: number, value: number): void {
  check(bytes, at, 8)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a safe integer`)
  putWord(bytes, at, Math.floor(value / TWO_32))
  putWord(bytes, at + 4, value % TWO_32)
}

export function writeBigInt64(bytes: Uint8Array, at: number, value: bigint): void {
  check(bytes, at, 8)
  putWord(bytes, at, Number(BigInt.asIntN(32, value >> 32n)))
  putWord(bytes, at + 4, Number(BigInt.asUintN(32, value)))
}

/** The count of bytes in all chunks. */
export function totalLength(chunks: readonly Uint8Array[]): number {
  let sum = 0
  for (const chunk of chunks) sum += chunk.length
  return sum
}

/** All chunks in one array: a single chunk as it is, several copied once. */
export function flatten(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!
  const all = new Uint8Array(totalLength(chunks))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

/**
 * Adds a piece to those that are written with one call. Where it begins in memory right behind the last
 * one, the two become one: a system call costs by the piece.
 * @returns whether they did.
 */
export function pushPiece(pieces: Uint8Array[], piece: Uint8Array): boolean {
  const last = pieces.at(-1)
  const continues =
    last !== undefined &&
    last.buffer === piece.buffer &&
    last.byteOffset + last.length === piece.byteOffset
  if (!continues) pieces.push(piece)
  else {
    const sizeBytes = last.length + piece.length
    pieces[pieces.length - 1] = new Uint8Array(last.buffer, last.byteOffset, sizeBytes)
  }
  return continues
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** Order of the bytes as unsigned numbers; the shorter of two equal beginnings comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b)
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

function putWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

function check(bytes: Uint8Array, at: number, count: number): void {
  if (!(at >= 0 && at + count <= bytes.length)) {
    throw new RangeError(`${count} bytes at ${at} lie outside of ${bytes.length}`)
  }
}

function unsafe(at: number): RangeError {
  return new RangeError(`the int64 at ${at} is beyond 2^53`)
}
