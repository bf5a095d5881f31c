import type { MutableHeaders, Serialized, Serializer } from '../serdes.ts'
import type { SerializedHeader, SerializedRecord } from './producer-batch.ts'
import type { Headers, ProducerRecord } from './record.ts'

/** The serializers of a producer. */
export interface RecordSerializers {
  readonly key: Serializer<never>
  readonly value: Serializer<never>
}

const NO_HEADERS: readonly SerializedHeader[] = []
const utf8 = new TextEncoder()

/**
 * A record as it is written.
 * @param nowMs its timestamp, unless it has one.
 * @returns a promise only when a serializer does.
 * @throws what a serializer throws; TypeError for what is neither text nor bytes, or a timestamp that
 *   is no time.
 */
export function serialize(
  record: ProducerRecord<unknown, unknown>,
  { key: keys, value: values }: RecordSerializers,
  nowMs: number,
): SerializedRecord | Promise<SerializedRecord> {
  const { topic, timestamp = nowMs } = record
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw new TypeError(`${topic}: ${timestamp} is no timestamp in ms since 1970`)
  }
  const headers = record.headers === undefined ? [] : pairs(record.headers)
  // The producer's type says that its records have what its serializers take.
  const key = record.key == null ? null : keys.serialize(topic, record.key as never, headers)
  const value =
    record.value == null ? null : values.serialize(topic, record.value as never, headers)
  if (!(key instanceof Promise) && !(value instanceof Promise)) {
    return finish(topic, key, value, headers, timestamp)
  }
  return Promise.all([key, value]).then(([k, v]) => finish(topic, k, v, headers, timestamp))
}

function finish(
  topic: string,
  key: Serialized,
  value: Serialized,
  headers: MutableHeaders,
  timestamp: number,
): SerializedRecord {
  if (value !== null && typeof value !== 'string' && !(value instanceof Uint8Array)) {
    const found = typeof value
    throw new TypeError(`${topic}: a value of type ${found} needs a serializer (valueSerializer)`)
  }
  return {
    key: bytesOf(key, `${topic}: a key needs a serializer (keySerializer)`),
    value,
    valueBytes: typeof value === 'string' ? Buffer.byteLength(value) : (value?.length ?? 0),
    headers: headers.length === 0 ? NO_HEADERS : headers.map((pair) => headerOf(topic, pair)),
    timestamp,
  }
}

function headerOf(topic: string, [name, value]: MutableHeaders[number]): SerializedHeader {
  const problem = `${topic}: header ${name} must be text, bytes or null`
  return { key: utf8.encode(name), value: bytesOf(value, problem) }
}

function bytesOf(data: Serialized, problem: string): Uint8Array | null {
  if (data === null || data instanceof Uint8Array) return data
  if (typeof data === 'string') return utf8.encode(data)
  throw new TypeError(problem)
}

function pairs(headers: Headers): MutableHeaders {
  if (isList(headers)) return headers.map(([name, value]) => [name, value])
  return Object.entries(headers)
}

function isList(headers: Headers): headers is Exclude<Headers, Readonly<Record<string, unknown>>> {
  return Array.isArray(headers)
}
