/**
 * Reading the protocol's primitive values out of bytes that a stranger sent. Every read checks that
 * its bytes exist before it touches or allocates anything, so a decoder can neither run over the
 * end nor be made to reserve memory for what was only announced.
 */
import { KafkaError } from './errors.ts'
import { uuidText } from './primitives.ts'
import { textCache } from './text-cache.ts'

const TWO_32 = 0x1_0000_0000
/** The widest a string may be in either form of its length. */
const LONGEST_STRING = 32_767

/** Text of a byte range as the runtime decodes it: invalid UTF-8 becomes U+FFFD, as in Java. */
const texts = textCache((bytes, at, end) =>
  Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('utf8'),
)
const uuids = textCache((bytes, at) => uuidText(bytes, at))

/**
 * A position moving through `bytes`. Made for one message and dropped with it. What it returns for
 * `bytes` and `records` are views of the same memory.
 */
export class Reader {
  readonly bytes: Uint8Array
  readonly end: number
  at: number

  /** Reads `bytes[at, end)`. */
  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  get remaining(): number {
    return this.end - this.at
  }

  bool(): boolean {
    return this.int8() !== 0
  }

  int8(): number {
    const at = this.#take(1)
    return (this.bytes[at]! << 24) >> 24
  }

  int16(): number {
    const at = this.#take(2)
    const { bytes } = this
    return (((bytes[at]! << 8) | bytes[at + 1]!) << 16) >> 16
  }

  uint16(): number {
    return this.int16() & 0xffff
  }

  int32(): number {
    const at = this.#take(4)
    const { bytes } = this
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }

  uint32(): number {
    return this.int32() >>> 0
  }

  /** @throws KafkaError INVALID_REQUEST beyond the safe integers. */
  int64(): number {
    const value = this.int32() * TWO_32 + (this.int32() >>> 0)
    if (!Number.isSafeInteger(value)) throw this.invalid('an int64 beyond 2^53')
    return value
  }

  bigint64(): bigint {
    const high = BigInt(this.int32())
    return (high << 32n) | BigInt(this.int32() >>> 0)
  }

  float64(): number {
    const at = this.#take(8)
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + at, 8).getFloat64(0)
  }

  uuid(): string {
    const at = this.#take(16)
    return uuids.read(this.bytes, at, at + 16)
  }

  /** At most five bytes, and at most 32 bits. */
  unsignedVarint(): number {
    const { bytes, end } = this
    let at = this.at
    if (at < end && bytes[at]! < 0x80) {
      this.at = at + 1
      return bytes[at]!
    }
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= end) throw this.truncated(1)
      const byte = bytes[at++]!
      if (shift === 28 && byte > 0x0f) break
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.at = at
        return value >>> 0
      }
    }
    throw this.invalid('a varint of more than 32 bits')
  }

  string(): string {
    return this.#text(this.int16(), false)!
  }

  nullableString(): string | null {
    return this.#text(this.int16(), true)
  }

  compactString(): string {
    return this.#text(this.unsignedVarint() - 1, false)!
  }

  compactNullableString(): string | null {
    return this.#text(this.unsignedVarint() - 1, true)
  }

  /** A view, not a copy. */
  data(): Uint8Array {
    return this.#view(this.int32(), false)!
  }

  nullableData(): Uint8Array | null {
    return this.#view(this.int32(), true)
  }

  compactData(): Uint8Array {
    return this.#view(this.unsignedVarint() - 1, false)!
  }

  compactNullableData(): Uint8Array | null {
    return this.#view(this.unsignedVarint() - 1, true)
  }

  /** Count of the elements that follow, -1 for null. @param minBytes the least that one takes. */
  arrayLength(minBytes: number): number {
    return this.#count(this.int32(), minBytes)
  }

  compactArrayLength(minBytes: number): number {
    return this.#count(this.unsignedVarint() - 1, minBytes)
  }

  /** What a peer is told when a value is not one of this message. */
  invalid(what: string): KafkaError {
    return new KafkaError('INVALID_REQUEST', `${what} at byte ${this.at} of ${this.end}`)
  }

  truncated(need: number): KafkaError {
    return this.invalid(`${need} bytes needed, ${this.remaining} left,`)
  }

  #take(count: number): number {
    const { at } = this
    const next = at + count
    if (next > this.end) throw this.truncated(count)
    this.at = next
    return at
  }

  #text(length: number, nullable: boolean): string | null {
    if (length < 0) {
      if (nullable) return null
      throw this.invalid('null for a text that may not be null')
    }
    if (length === 0) return ''
    if (length > LONGEST_STRING) throw this.invalid(`a text of ${length} bytes`)
    const at = this.#take(length)
    return texts.read(this.bytes, at, at + length)
  }

  #view(length: number, nullable: boolean): Uint8Array | null {
    if (length < 0) {
      if (nullable) return null
      throw this.invalid('null for bytes that may not be null')
    }
    const at = this.#take(length)
    return this.bytes.subarray(at, at + length)
  }

  #count(count: number, minBytes: number): number {
    if (count < 0) return -1
    if (count * minBytes > this.remaining) throw this.truncated(count * minBytes)
    return count
  }
}
