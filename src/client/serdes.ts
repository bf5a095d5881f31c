/** Serializers and deserializers: what keys and values are on the wire. A schema registry plugs in
 *  here: both sides may answer later, and both see the topic and the headers. */

import { readInt32, readInt64, writeInt32, writeInt64 } from '../kernel/bytes.ts'

/** What a serializer may answer: a text is sent as UTF-8, without a copy of its own. */
export type Serialized = Uint8Array | string | null

/** Headers of a record that is being serialized: a serializer may add to them. */
export type MutableHeaders = [key: string, value: Uint8Array | string | null][]

export interface Serializer<T> {
  /**
   * Called for null never: null stays null.
   * @returns at once, or a promise; with a promise the sends of a topic wait for one another.
   */
  serialize(topic: string, data: T, headers: MutableHeaders): Serialized | Promise<Serialized>
}

export interface Deserializer<T> {
  /** @param bytes a view that changes later: what is kept must be copied. */
  deserialize(topic: string, bytes: Uint8Array): T | Promise<T>
}

/** Both directions. */
export interface Serde<T> extends Serializer<T>, Deserializer<T> {}

const decoder = new TextDecoder()

/** Texts as UTF-8. */
export const stringSerde: Serde<string> = {
  serialize: (_topic, data) => data,
  deserialize: (_topic, bytes) => decoder.decode(bytes),
}

/** Bytes as they are. A deserialized array is a copy. */
export const bytesSerde: Serde<Uint8Array> = {
  serialize: (_topic, data) => data,
  deserialize: (_topic, bytes) => Uint8Array.from(bytes),
}

/** Texts and bytes as they are, whichever is given: what a producer does unless told. */
export const textOrBytesSerializer: Serializer<string | Uint8Array> = {
  serialize: (_topic, data) => data,
}

/** JSON as UTF-8, typed by who asks. The shape of what is read is not checked. */
export function jsonSerde<T>(): Serde<T> {
  return {
    serialize: (_topic, data) => JSON.stringify(data),
    // What was written to the topic is the writer's promise; a schema registry checks more.
    deserialize: (_topic, bytes) => JSON.parse(decoder.decode(bytes)) as T,
  }
}

/** 32 bits, big-endian, as Kafka's IntegerSerializer. */
export const intSerde: Serde<number> = {
  serialize(_topic, data) {
    if (data !== (data | 0)) throw new RangeError(`${data} is not a whole number of 32 bits`)
    const bytes = new Uint8Array(4)
    writeInt32(bytes, 0, data)
    return bytes
  },
  deserialize: (topic, bytes) => readInt32(sized(topic, bytes, 4), 0),
}

/** 64 bits, big-endian, as Kafka's LongSerializer, within the safe integers. */
export const longSerde: Serde<number> = {
  serialize(_topic, data) {
    const bytes = new Uint8Array(8)
    writeInt64(bytes, 0, data)
    return bytes
  },
  deserialize: (topic, bytes) => readInt64(sized(topic, bytes, 8), 0),
}

/** 64 bits of IEEE 754, big-endian, as Kafka's DoubleSerializer. */
export const doubleSerde: Serde<number> = {
  serialize(_topic, data) {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, data)
    return bytes
  },
  deserialize(topic, bytes) {
    const { buffer, byteOffset } = sized(topic, bytes, 8)
    return new DataView(buffer, byteOffset).getFloat64(0)
  },
}

function sized(topic: string, bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length === size) return bytes
  throw new RangeError(`${topic}: ${bytes.length} bytes where a number of ${size} is expected`)
}

/** Names for the serdes in options: short ones, and Java's classes as properties files have them. */
export const namedSerdes = {
  string: stringSerde,
  bytes: bytesSerde,
  json: jsonSerde<unknown>(),
  int: intSerde,
  long: longSerde,
  double: doubleSerde,
} as const

export type SerdeName = keyof typeof namedSerdes

const JAVA_NAMES: Readonly<Record<string, SerdeName>> = {
  String: 'string',
  ByteArray: 'bytes',
  Bytes: 'bytes',
  ByteBuffer: 'bytes',
  Integer: 'int',
  Long: 'long',
  Double: 'double',
}

/**
 * The serde of a short name or of a Java class, as `org.apache.kafka.common.serialization.LongSerializer`.
 * @throws TypeError for any other text.
 */
export function serdeNamed(name: string): Serde<unknown> {
  const java = /^org\.apache\.kafka\.common\.serialization\.(\w+?)(?:Serializer|Deserializer)$/
  const short = JAVA_NAMES[java.exec(name)?.[1] ?? ''] ?? name
  const names = Object.keys(namedSerdes)
  if (!names.includes(short)) {
    throw new TypeError(`'${name}' is no serializer; give an object, or one of ${names.join(', ')}`)
  }
  // `names` are exactly the keys; each serde checks what it is given.
  return namedSerdes[short as SerdeName] as Serde<unknown>
}
