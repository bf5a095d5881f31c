import type { StoredRecord } from '../coordinator/machine.ts'
import {
  groupMetadataKey,
  groupMetadataValue,
  legacyOffsetCommitKey,
  offsetCommitKey,
} from '../protocol/internal/consumer-offsets-classic.ts'
import * as consumer from '../protocol/internal/consumer-offsets-consumer.ts'
import type { Fields, Message, Write } from '../protocol/schema.ts'
import {
  decodeKey,
  decodeVersioned,
  encodeKey,
  encodeVersioned,
  leadingNumber,
} from '../protocol/stored.ts'
import {
  decodeLegacyOffsetValue,
  decodeOffsetKey,
  decodeOffsetValue,
  encodeOffsetKey,
  encodeOffsetValue,
} from './offsets/offset-codec.ts'
import type { GroupRecord } from './records.ts'

/** A record of one kind as bytes and back. */
interface KindCodec<R extends GroupRecord> {
  readonly key: (key: R['key']) => Uint8Array
  readonly value: (value: NonNullable<R['value']>) => Uint8Array
  readonly decodeKey: (bytes: Uint8Array) => R['key']
  readonly decodeValue: (bytes: Uint8Array) => NonNullable<R['value']>
}

type RecordOf<Type extends GroupRecord['type']> = Extract<GroupRecord, { readonly type: Type }>

/** How each kind lies in the topic. Values are written in the versions that Kafka 4.3 writes. */
const codecs: { readonly [Type in GroupRecord['type']]: KindCodec<RecordOf<Type>> } = {
  offset: {
    key: encodeOffsetKey,
    value: encodeOffsetValue,
    decodeKey: decodeOffsetKey,
    decodeValue: decodeOffsetValue,
  },
  'classic-group': declared(groupMetadataKey, groupMetadataValue, 3),
  'consumer-group': declared(
    consumer.consumerGroupMetadataKey,
    consumer.consumerGroupMetadataValue,
    0,
  ),
  'consumer-partition-metadata': declared(
    consumer.consumerGroupPartitionMetadataKey,
    consumer.consumerGroupPartitionMetadataValue,
    0,
  ),
  'consumer-member': declared(
    consumer.consumerGroupMemberMetadataKey,
    consumer.consumerGroupMemberMetadataValue,
    0,
  ),
  'consumer-target': declared(
    consumer.consumerGroupTargetAssignmentMetadataKey,
    consumer.consumerGroupTargetAssignmentMetadataValue,
    0,
  ),
  'consumer-target-member': declared(
    consumer.consumerGroupTargetAssignmentMemberKey,
    consumer.consumerGroupTargetAssignmentMemberValue,
    0,
  ),
  'consumer-current': declared(
    consumer.consumerGroupCurrentMemberAssignmentKey,
    consumer.consumerGroupCurrentMemberAssignmentValue,
    0,
  ),
  'consumer-regex': declared(
    consumer.consumerGroupRegularExpressionKey,
    consumer.consumerGroupRegularExpressionValue,
    0,
  ),
}

const kindByNumber: ReadonlyMap<number, GroupRecord['type']> = new Map([
  [offsetCommitKey.key, 'offset'],
  [groupMetadataKey.key, 'classic-group'],
  [consumer.consumerGroupMetadataKey.key, 'consumer-group'],
  [consumer.consumerGroupPartitionMetadataKey.key, 'consumer-partition-metadata'],
  [consumer.consumerGroupMemberMetadataKey.key, 'consumer-member'],
  [consumer.consumerGroupTargetAssignmentMetadataKey.key, 'consumer-target'],
  [consumer.consumerGroupTargetAssignmentMemberKey.key, 'consumer-target-member'],
  [consumer.consumerGroupCurrentMemberAssignmentKey.key, 'consumer-current'],
  [consumer.consumerGroupRegularExpressionKey.key, 'consumer-regex'],
] as [number, GroupRecord['type']][])

/** A record as it lies in `__consumer_offsets`, byte for byte as Kafka 4.3 writes it. */
export function encodeGroupRecord(record: GroupRecord): StoredRecord {
  // The codec of a record's type takes records of that type.
  const codec = codecs[record.type] as KindCodec<GroupRecord>
  const value = record.value === null ? null : codec.value(record.value)
  return { key: codec.key(record.key), value }
}

/**
 * A record of any version of a kind that is known.
 * @returns undefined for other kinds: share groups and streams groups, and those of newer versions.
 * @throws KafkaError for bytes that are none, and for a newer version of a known kind.
 */
export function decodeGroupRecord({ key, value }: StoredRecord): GroupRecord | undefined {
  const number = leadingNumber(key)
  if (number === legacyOffsetCommitKey.key) {
    const offset = value === null ? null : decodeLegacyOffsetValue(value)
    return { type: 'offset', key: decodeOffsetKey(key), value: offset }
  }
  const type = kindByNumber.get(number)
  if (type === undefined) return undefined
  const codec = codecs[type]
  const decoded = value === null ? null : codec.decodeValue(value)
  // Key and value were decoded by the codec of the type.
  return { type, key: codec.decodeKey(key), value: decoded } as GroupRecord
}

/** @param version of the values that are written. All versions are read. */
function declared<K extends Fields, V extends Fields>(
  key: Message<K>,
  value: Message<V>,
  version: number,
) {
  return {
    key: (content: Write<K>) => encodeKey(key, content),
    value: (content: Write<V>) => encodeVersioned(value, version, content),
    decodeKey: (bytes: Uint8Array) => decodeKey(key, bytes),
    decodeValue: (bytes: Uint8Array) => decodeVersioned(value, bytes),
  }
}
