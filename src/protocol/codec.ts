/**
 * Bytes to values and back, for one version of one message: the door to this folder for everyone
 * who holds a declaration. What a version looks like is worked out when it is first used.
 */
import { compile } from './compiler.ts'
import { KafkaError } from './errors.ts'
import { interpret } from './interpreter.ts'
import { planOf } from './plan.ts'
import { Reader } from './reader.ts'
import type { Fields, Message, MessageCodec, Read, Write } from './schema.ts'
import { includes } from './versions.ts'
import { Writer } from './writer.ts'

/** One for all messages: encoding is synchronous, and `begin` forgets what failed half-way. */
const writer = new Writer()

/**
 * Decodes a message that fills `bytes` from `at` to the end.
 * @returns the value; its `bytes` and `records` are views of `bytes`.
 * @throws KafkaError UNSUPPORTED_VERSION for a version outside the declaration, INVALID_REQUEST
 *   when the bytes are not exactly one value of this version.
 */
export function decode<F extends Fields>(
  message: Message<F>,
  version: number,
  bytes: Uint8Array,
  at = 0,
): Read<F> {
  const reader = new Reader(bytes, at)
  const value = decodeNext(message, version, reader)
  if (reader.remaining > 0) {
    throw new KafkaError(
      'INVALID_REQUEST',
      `${message.name} v${version}: ${reader.remaining} bytes too many after byte ${reader.at}`,
    )
  }
  return value
}

/** Decodes a message from where `reader` stands; what follows it is left to the caller. */
export function decodeNext<F extends Fields>(
  message: Message<F>,
  version: number,
  reader: Reader,
): Read<F> {
  const codec = codecOf(message, version)
  try {
    // The plan is made from the same declaration as the type.
    return codec.read(reader) as Read<F>
  } catch (error) {
    throw inMessage(error, message, version)
  }
}

/**
 * Encodes a message.
 * @returns its bytes as chunks in order. All but small `bytes` and `records` are among them as they
 *   were given, so they must not change until the chunks are sent.
 * @throws KafkaError UNSUPPORTED_VERSION when the version cannot carry a value that was given,
 *   INVALID_REQUEST when a value is not of its type.
 */
export function encode<F extends Fields>(
  message: Message<F>,
  version: number,
  value: Write<F>,
): Uint8Array[] {
  writer.begin()
  encodeNext(message, version, value, writer)
  return writer.finish()
}

/** Encodes a message behind what `into` holds already. */
export function encodeNext<F extends Fields>(
  message: Message<F>,
  version: number,
  value: Write<F>,
  into: Writer,
): void {
  const codec = codecOf(message, version)
  try {
    codec.write(into, value)
  } catch (error) {
    throw inMessage(error, message, version)
  }
}

function codecOf(message: Message, version: number): MessageCodec {
  return message.codecs[version] ?? makeCodec(message, version)
}

function makeCodec(message: Message, version: number): MessageCodec {
  if (!includes(message.versions, version)) {
    const { from, to } = message.versions
    throw new KafkaError(
      'UNSUPPORTED_VERSION',
      `${message.name}: version ${version} is not in [${from}, ${to}]`,
    )
  }
  const plan = planOf(message, version)
  const codec = message.hot ? compile(plan) : interpret(plan)
  message.codecs[version] = codec
  return codec
}

function inMessage(error: unknown, message: Message, version: number): unknown {
  if (!(error instanceof KafkaError)) return error
  return new KafkaError(error.error, `${message.name} v${version}: ${error.message}`, {
    cause: error,
  })
}
