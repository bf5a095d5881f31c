/**
 * Compares our codecs with the records of internal topics that a real cluster has stored, which lie
 * beside the repository: every one must decode, and encode to the same bytes again.
 */
import { readFileSync } from 'node:fs'
import { flatten } from '../src/kernel/bytes.ts'
import { decode, encode } from '../src/protocol/codec.ts'
import { KafkaError } from '../src/protocol/errors.ts'
import {
  clusterMetadataRecords,
  consumerOffsetsRecords,
  shareGroupStateRecords,
  transactionStateRecords,
} from '../src/protocol/internal/registry.ts'
import type { Message } from '../src/protocol/schema.ts'
import { decodeTyped, encodeTyped, leadingNumber } from '../src/protocol/stored.ts'
import { folder } from './protocol-definitions.ts'

/** A stored record. */
export interface StoredRecord {
  readonly topic: Topic
  readonly offset: number
  readonly key: Uint8Array | undefined
  readonly value: Uint8Array | undefined
}

/** What each topic may hold. */
const topics = {
  __consumer_offsets: consumerOffsetsRecords,
  __transaction_state: transactionStateRecords,
  __share_group_state: shareGroupStateRecords,
  __cluster_metadata: clusterMetadataRecords,
} as const satisfies Record<string, readonly Message[]>
type Topic = keyof typeof topics

interface PublishedBatch {
  readonly isControl: boolean
  readonly records?: readonly Readonly<Record<string, unknown>>[]
}

/** All records of internal topics but control records. */
export function storedRecords(): StoredRecord[] {
  // Object.keys loses the literal types.
  return (Object.keys(topics) as Topic[]).flatMap((topic) => {
    const file = `${folder}fixtures/expected/${topic}-0.json`
    const batches: readonly PublishedBatch[] = JSON.parse(readFileSync(file, 'utf8'))
    return batches
      .filter((batch) => !batch.isControl)
      .flatMap((batch) => batch.records ?? [])
      .map((record) => ({
        topic,
        offset: Number(record.offset),
        key: bytesOf(record, 'key'),
        value: bytesOf(record, 'value'),
      }))
  })
}

/** Bytes are shown as text where they are printable, else as hexadecimal digits. */
function bytesOf(record: Readonly<Record<string, unknown>>, name: string): Uint8Array | undefined {
  const hex = record[`${name}Hex`]
  if (typeof hex === 'string') return new Uint8Array(Buffer.from(hex, 'hex'))
  const text = record[name]
  return typeof text === 'string' ? new Uint8Array(Buffer.from(text)) : undefined
}

/** @returns what differs, nothing when the record survives decoding and encoding. */
export function storedDifferences(record: StoredRecord): string[] {
  const name = `${record.topic} ${record.offset}`
  try {
    if (record.topic === '__cluster_metadata') return typedDifferences(name, record)
    const number = record.key === undefined ? undefined : leadingNumber(record.key)
    const messages = topics[record.topic].filter((message) => message.key === number)
    const [key, value] = [/Key$/, /Value$/].map((end) => messages.find((one) => end.test(one.name)))
    return [
      ...differences(`${name} key`, key, key?.versions.to, record.key),
      ...differences(`${name} value`, value, undefined, record.value),
    ]
  } catch (error) {
    if (error instanceof KafkaError) return [`${name}: ${error.message}`]
    throw error
  }
}

function differences(
  name: string,
  message: Message | undefined,
  onlyVersion: number | undefined,
  bytes: Uint8Array | undefined,
): string[] {
  if (bytes === undefined) return []
  if (message === undefined) return [`${name}: of a type that is not declared`]
  const version = onlyVersion ?? leadingNumber(bytes)
  const again = flatten(encode(message, version, decode(message, version, bytes, 2)))
  return same(again, bytes.subarray(2)) ? [] : [`${name}: encoded again it is other bytes`]
}

function typedDifferences(name: string, { value }: StoredRecord): string[] {
  if (value === undefined) return []
  const typed = decodeTyped(clusterMetadataRecords, value)
  const again = encodeTyped(typed.message, typed.version, typed.value)
  return same(again, value) ? [] : [`${name}: encoded again it is other bytes`]
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
