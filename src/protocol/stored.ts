/**
 * The small frames that Kafka puts around messages which are stored or nested instead of sent. Two
 * forms exist: a number in two bytes (coordinator records, consumer protocol, producer snapshots,
 * control records), and three varints (cluster and remote-log metadata).
 */
import { flatten } from '../kernel/bytes.ts'
import { decode, decodeNext, encodeNext } from './codec.ts'
import { KafkaError } from './errors.ts'
import { Reader } from './reader.ts'
import type { Fields, Message, Read, Write } from './schema.ts'
import { Writer } from './writer.ts'

const writer = new Writer()

/** The number in the first two bytes: the record type of a key, the version of everything else. */
export function leadingNumber(bytes: Uint8Array): number {
  return new Reader(bytes).int16()
}

/** The key of a coordinator's record: the number of its type, then the key in its only version. */
export function encodeKey<F extends Fields>(message: Message<F>, key: Write<F>): Uint8Array {
  if (message.key === undefined) throw new TypeError(`${message.name} has no number`)
  writer.begin()
  writer.int16(message.key)
  encodeNext(message, message.versions.to, key, writer)
  return flatten(writer.finish())
}

/** @param bytes a key whose `leadingNumber` is the key of `message`. @throws as `decode` does. */
export function decodeKey<F extends Fields>(message: Message<F>, bytes: Uint8Array): Read<F> {
  return decode(message, message.versions.to, bytes, 2)
}

/** A value behind its version. */
export function encodeVersioned<F extends Fields>(
  message: Message<F>,
  version: number,
  value: Write<F>,
): Uint8Array {
  writer.begin()
  writer.int16(version)
  encodeNext(message, version, value, writer)
  return flatten(writer.finish())
}

/** A value of the version that its first two bytes tell. @throws KafkaError as `decode`. */
export function decodeVersioned<F extends Fields>(message: Message<F>, bytes: Uint8Array): Read<F> {
  return decode(message, leadingNumber(bytes), bytes, 2)
}

/**
 * The same for formats that promise to grow only at their end (consumer protocol, transaction
 * markers): a newer version reads as the newest one known, and what follows is not looked at.
 */
export function decodeExtensible<F extends Fields>(
  message: Message<F>,
  bytes: Uint8Array,
): Read<F> {
  const reader = new Reader(bytes)
  return decodeNext(message, Math.min(reader.int16(), message.versions.to), reader)
}

/** The only version of the frame of metadata records; 0 was a preview's. */
const FRAME_VERSION = 1

/** A metadata record: frame version, type, version, then the record itself. */
export function encodeTyped<F extends Fields>(
  message: Message<F>,
  version: number,
  value: Write<F>,
): Uint8Array {
  if (message.key === undefined) throw new TypeError(`${message.name} has no number`)
  writer.begin()
  writer.unsignedVarint(FRAME_VERSION)
  writer.unsignedVarint(message.key)
  writer.unsignedVarint(version)
  encodeNext(message, version, value, writer)
  return flatten(writer.finish())
}

/** A decoded metadata record; `message` tells which one of the candidates it is. */
export interface Typed {
  readonly message: Message
  readonly version: number
  readonly value: Read<Fields>
}

/**
 * @param candidates the records that the topic may hold.
 * @throws KafkaError INVALID_REQUEST for another frame version or type, and as `decode` does.
 */
export function decodeTyped(candidates: readonly Message[], bytes: Uint8Array): Typed {
  const reader = new Reader(bytes)
  const frameVersion = reader.unsignedVarint()
  if (frameVersion !== FRAME_VERSION) {
    throw new KafkaError('INVALID_REQUEST', `a metadata record of frame version ${frameVersion}`)
  }
  const type = reader.unsignedVarint()
  const version = reader.unsignedVarint()
  const message = candidates.find((candidate) => candidate.key === type)
  if (message === undefined) {
    throw new KafkaError('INVALID_REQUEST', `a metadata record of type ${type}`)
  }
  return { message, version, value: decode(message, version, bytes, reader.at) }
}
