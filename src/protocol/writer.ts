/**
 * Writing the protocol's primitive values. Small fields go into a slab that many messages share;
 * record batches and other large byte arrays are not copied but become chunks of their own, so that
 * a response of megabytes costs as much as its headers.
 */
import { totalLength } from '../kernel/bytes.ts'
import { sizeOfUnsignedVarint, writeUnsignedVarint } from '../kernel/varint.ts'
import { KafkaError } from './errors.ts'
import { writeUuidBytes } from './primitives.ts'

const TWO_32 = 0x1_0000_0000
/** Small enough that the bytes of one slow connection keep little memory alive. */
const SLAB_BYTES = 32 * 1024
/** Up to here copying is cheaper than one more chunk in the system call. */
const COPY_BYTES = 512
/** Texts up to this many characters are written by a loop, which beats a call into the runtime. */
const LOOP_CHARACTERS = 48
const LONGEST_STRING = 32_767

/**
 * Collects one message at a time: `begin`, any number of values, `finish`. The finished chunks
 * belong to the caller; the writer never touches those bytes again.
 */
export class Writer {
  #bytes: Uint8Array = new Uint8Array(0)
  #view: DataView = new DataView(this.#bytes.buffer)
  #at = 0
  /** Where the current chunk starts in the slab. */
  #start = 0
  #chunks: Uint8Array[] = []
  /** Bytes in `#chunks`. */
  #flushed = 0
  /** Open sized sections: their bytes must stay together. */
  #sections = 0

  /** Starts a message, forgetting one that was not finished. */
  begin(): void {
    this.#start = this.#at
    this.#chunks = []
    this.#flushed = 0
    this.#sections = 0
  }

  /** Count of bytes since `begin`. */
  get length(): number {
    return this.#flushed + this.#at - this.#start
  }

  /** The message, as chunks in order. */
  finish(): Uint8Array[] {
    this.#flush()
    return this.#chunks
  }

  /** The message behind its four bytes of size, for which `reserveSize` made room. */
  finishSized(): Uint8Array[] {
    const size = this.length - 4
    if (this.#flushed === 0) this.#view.setInt32(this.#start, size)
    else {
      const first = this.#chunks[0]!
      new DataView(first.buffer, first.byteOffset, 4).setInt32(0, size)
    }
    return this.finish()
  }

  /** Makes room for the size of a frame; the first thing written after `begin`. */
  reserveSize(): void {
    this.int32(0)
  }

  bool(value: boolean): void {
    const at = this.#room(1)
    this.#view.setInt8(at, value === true ? 1 : 0)
  }

  int8(value: number): void {
    if ((value << 24) >> 24 !== value) throw outside('int8', value)
    const at = this.#room(1)
    this.#view.setInt8(at, value)
  }

  int16(value: number): void {
    if ((value << 16) >> 16 !== value) throw outside('int16', value)
    const at = this.#room(2)
    this.#view.setInt16(at, value)
  }

  uint16(value: number): void {
    if ((value & 0xffff) !== value) throw outside('uint16', value)
    const at = this.#room(2)
    this.#view.setUint16(at, value)
  }

  int32(value: number): void {
    if ((value | 0) !== value) throw outside('int32', value)
    const at = this.#room(4)
    this.#view.setInt32(at, value)
  }

  uint32(value: number): void {
    if (value >>> 0 !== value) throw outside('uint32', value)
    const at = this.#room(4)
    this.#view.setUint32(at, value)
  }

  int64(value: number): void {
    if (!Number.isSafeInteger(value)) throw outside('int64', value)
    const at = this.#room(8)
    this.#view.setInt32(at, Math.floor(value / TWO_32))
    this.#view.setUint32(at + 4, value >>> 0)
  }

  bigint64(value: bigint): void {
    if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) {
      throw outside('bigint64', value)
    }
    const at = this.#room(8)
    this.#view.setBigInt64(at, value)
  }

  float64(value: number): void {
    if (typeof value !== 'number') throw outside('float64', value)
    const at = this.#room(8)
    this.#view.setFloat64(at, value)
  }

  uuid(value: string): void {
    const at = this.#room(16)
    if (typeof value !== 'string' || !writeUuidBytes(this.#bytes, at, value)) {
      throw outside('uuid', value)
    }
  }

  unsignedVarint(value: number): void {
    let at = this.#room(5)
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.#bytes[at++] = rest | 0x80
      rest >>>= 7
    }
    this.#bytes[at++] = rest
    this.#at = at
  }

  /** Length in two bytes, null as -1. Nullability is the caller's to check, here and below. */
  string(value: string | null): void {
    const size = value === null ? -1 : textSize(value)
    this.int16(size)
    if (value !== null) this.#text(value, size)
  }

  compactString(value: string | null): void {
    const size = value === null ? -1 : textSize(value)
    this.unsignedVarint(size + 1)
    if (value !== null) this.#text(value, size)
  }

  /** Length in four bytes, null as -1. Large values become chunks of their own, not copies. */
  data(value: Uint8Array | readonly Uint8Array[] | null): void {
    this.int32(value === null ? -1 : dataSize(value))
    if (value !== null) this.#data(value)
  }

  compactData(value: Uint8Array | readonly Uint8Array[] | null): void {
    this.unsignedVarint(value === null ? 0 : dataSize(value) + 1)
    if (value !== null) this.#data(value)
  }

  /** Bytes as they are, without a length. */
  raw(bytes: Uint8Array): void {
    const at = this.#room(bytes.length)
    this.#bytes.set(bytes, at)
  }

  /** Opens a section whose length in bytes goes before it as a varint. Sections do not nest deeply:
   *  tagged fields within tagged fields. @returns the mark that `endSection` wants. */
  beginSection(): number {
    this.#sections++
    this.#room(1)
    return this.#at - this.#start
  }

  endSection(mark: number): void {
    this.#sections--
    const size = this.#at - this.#start - mark
    if (size < 0x80) {
      this.#bytes[this.#start + mark - 1] = size
      return
    }
    // The one byte kept for the length was too narrow: the section moves up by what is missing.
    const shift = sizeOfUnsignedVarint(size) - 1
    this.#room(shift)
    const from = this.#start + mark
    this.#bytes.copyWithin(from + shift, from, from + size)
    writeUnsignedVarint(this.#bytes, from - 1, size)
  }

  #text(value: string, size: number): void {
    const at = this.#room(size)
    if (size === value.length && size <= LOOP_CHARACTERS) {
      const bytes = this.#bytes
      for (let index = 0; index < size; index++) bytes[at + index] = value.charCodeAt(index)
    } else {
      encoder.encodeInto(value, this.#bytes.subarray(at, at + size))
    }
  }

  #data(value: Uint8Array | readonly Uint8Array[]): void {
    if (value instanceof Uint8Array) this.#piece(value)
    else for (const piece of value) this.#piece(piece)
  }

  #piece(piece: Uint8Array): void {
    if (piece.length <= COPY_BYTES || this.#sections > 0) {
      this.raw(piece)
    } else {
      this.#flush()
      this.#chunks.push(piece)
      this.#flushed += piece.length
    }
  }

  #flush(): void {
    if (this.#at === this.#start) return
    this.#chunks.push(this.#bytes.subarray(this.#start, this.#at))
    this.#flushed += this.#at - this.#start
    this.#start = this.#at
  }

  /** Moves the position on by `count` bytes that exist. @returns the position before. May replace
   *  the slab, so it is called before `#bytes` or `#view` are taken hold of. */
  #room(count: number): number {
    if (this.#at + count > this.#bytes.length) this.#grow(count)
    const at = this.#at
    this.#at = at + count
    return at
  }

  /** Takes a new slab and carries the unfinished chunk over; finished ones keep the old slab. */
  #grow(count: number): void {
    const carried = this.#bytes.subarray(this.#start, this.#at)
    const size = Math.max(SLAB_BYTES, 2 * (carried.length + count))
    const slab = new Uint8Array(size)
    slab.set(carried)
    this.#bytes = slab
    this.#view = new DataView(slab.buffer)
    this.#start = 0
    this.#at = carried.length
  }
}

const encoder = new TextEncoder()

/** Bytes of a text in UTF-8. */
function textSize(value: string): number {
  if (typeof value !== 'string') throw outside('string', value)
  const size = isShortAscii(value) ? value.length : Buffer.byteLength(value)
  if (size > LONGEST_STRING) throw outside('string of at most 32767 bytes', `one of ${size}`)
  return size
}

function isShortAscii(value: string): boolean {
  if (value.length > LOOP_CHARACTERS) return false
  for (let index = 0; index < value.length; index++) if (value.charCodeAt(index) > 127) return false
  return true
}

function dataSize(value: Uint8Array | readonly Uint8Array[]): number {
  if (value instanceof Uint8Array) return value.length
  if (!Array.isArray(value)) throw outside('bytes', value)
  return totalLength(value)
}

function outside(type: string, value: unknown): KafkaError {
  return new KafkaError('INVALID_REQUEST', `${String(value)} is no ${type}`)
}
