import type {
  groupMetadataKey,
  groupMetadataValue,
  offsetCommitKey,
  offsetCommitValue,
} from '../protocol/internal/consumer-offsets-classic.ts'
import type {
  consumerGroupCurrentMemberAssignmentKey,
  consumerGroupCurrentMemberAssignmentValue,
  consumerGroupMemberMetadataKey,
  consumerGroupMemberMetadataValue,
  consumerGroupMetadataKey,
  consumerGroupMetadataValue,
  consumerGroupPartitionMetadataKey,
  consumerGroupPartitionMetadataValue,
  consumerGroupRegularExpressionKey,
  consumerGroupRegularExpressionValue,
  consumerGroupTargetAssignmentMemberKey,
  consumerGroupTargetAssignmentMemberValue,
  consumerGroupTargetAssignmentMetadataKey,
  consumerGroupTargetAssignmentMetadataValue,
} from '../protocol/internal/consumer-offsets-consumer.ts'
import type { Value } from '../protocol/schema.ts'

/** A record of one kind; without a value a tombstone. */
interface Stored<Type extends string, Key, Content> {
  readonly type: Type
  readonly key: Value<Key>
  readonly value: Value<Content> | null
}

/** A committed offset. The legacy form reads as this one. */
export type OffsetRecord = Stored<'offset', typeof offsetCommitKey, typeof offsetCommitValue>

/** All of a classic group. */
export type ClassicGroupRecord = Stored<
  'classic-group',
  typeof groupMetadataKey,
  typeof groupMetadataValue
>

/** Records of groups of the consumer protocol (KIP-848), each with Kafka's own fields. */
export type ConsumerGroupRecord =
  | Stored<'consumer-group', typeof consumerGroupMetadataKey, typeof consumerGroupMetadataValue>
  | Stored<
      'consumer-partition-metadata',
      typeof consumerGroupPartitionMetadataKey,
      typeof consumerGroupPartitionMetadataValue
    >
  | Stored<
      'consumer-member',
      typeof consumerGroupMemberMetadataKey,
      typeof consumerGroupMemberMetadataValue
    >
  | Stored<
      'consumer-target',
      typeof consumerGroupTargetAssignmentMetadataKey,
      typeof consumerGroupTargetAssignmentMetadataValue
    >
  | Stored<
      'consumer-target-member',
      typeof consumerGroupTargetAssignmentMemberKey,
      typeof consumerGroupTargetAssignmentMemberValue
    >
  | Stored<
      'consumer-current',
      typeof consumerGroupCurrentMemberAssignmentKey,
      typeof consumerGroupCurrentMemberAssignmentValue
    >
  | Stored<
      'consumer-regex',
      typeof consumerGroupRegularExpressionKey,
      typeof consumerGroupRegularExpressionValue
    >

/** What `__consumer_offsets` holds, as the machines see it. */
export type GroupRecord = OffsetRecord | ClassicGroupRecord | ConsumerGroupRecord
