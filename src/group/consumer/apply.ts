import { assert } from '../../kernel/assert.ts'
import type { ConsumerGroupRecord } from '../records.ts'
import { withMember, withRegex } from './derived.ts'
import {
  type ConsumerGroup,
  type ConsumerMember,
  emptyConsumerGroup,
  type HeldPartitions,
  NO_PARTITIONS,
  newMember,
} from './group.ts'
import { memberStateOf } from './records.ts'

/** The epochs of a member, and of a target, that a tombstone ended. */
const NO_EPOCH = -1

type RecordOf<Type extends ConsumerGroupRecord['type']> = Extract<
  ConsumerGroupRecord,
  { readonly type: Type }
>

/**
 * Takes over a record: the only way a group changes, save for what no record tells. Records may come
 * without those before them, as compaction leaves them; a tombstone of what is not there does nothing.
 * @param group undefined when there is none.
 * @returns undefined when the group is deleted. Copies what changes and shares the rest.
 */
export function applyConsumer(
  group: ConsumerGroup | undefined,
  record: ConsumerGroupRecord,
): ConsumerGroup | undefined {
  if (group === undefined && record.value === null) return undefined
  const before = group ?? emptyConsumerGroup(record.key.groupId)
  switch (record.type) {
    case 'consumer-group': {
      if (record.value === null) return undefined
      const { epoch, metadataHash } = record.value
      return { ...before, epoch, metadataHash }
    }
    case 'consumer-partition-metadata':
      return { ...before, hasPartitionMetadata: record.value !== null }
    case 'consumer-member':
      return applyMember(before, record)
    case 'consumer-target':
      return {
        ...before,
        targetEpoch: record.value?.assignmentEpoch ?? NO_EPOCH,
        targetTimestampMs: record.value?.assignmentTimestamp ?? 0,
      }
    case 'consumer-target-member':
      return applyTarget(before, record)
    case 'consumer-current':
      return applyCurrent(before, record)
    case 'consumer-regex':
      return applyRegex(before, record)
  }
}

function applyMember(
  group: ConsumerGroup,
  { key, value }: RecordOf<'consumer-member'>,
): ConsumerGroup {
  const before = group.members.get(key.memberId)
  if (value === null) return before === undefined ? group : withMember(group, before, undefined)
  const classic = value.classicMemberMetadata
  return withMember(group, before, {
    ...(before ?? newMember(key.memberId)),
    instanceId: value.instanceId,
    rackId: value.rackId,
    clientId: value.clientId,
    clientHost: value.clientHost,
    rebalanceTimeoutMs: value.rebalanceTimeoutMs,
    subscribedTopicNames: [...new Set(value.subscribedTopicNames)].sort(),
    subscribedTopicRegex: value.subscribedTopicRegex,
    serverAssignor: value.serverAssignor,
    classic: classic && {
      sessionTimeoutMs: classic.sessionTimeoutMs,
      protocols: classic.supportedProtocols,
    },
  })
}

function applyTarget(
  group: ConsumerGroup,
  { key, value }: RecordOf<'consumer-target-member'>,
): ConsumerGroup {
  const target =
    value === null
      ? undefined
      : new Map(value.topicPartitions.map(({ topicId, partitions }) => [topicId, partitions]))
  return { ...group, target: group.target.with(new Map([[key.memberId, target]])) }
}

function applyCurrent(
  group: ConsumerGroup,
  { key, value }: RecordOf<'consumer-current'>,
): ConsumerGroup {
  const before = group.members.get(key.memberId)
  if (value === null) {
    return before === undefined ? group : withMember(group, before, released(before))
  }
  return withMember(group, before, {
    ...(before ?? newMember(key.memberId)),
    memberEpoch: value.memberEpoch,
    previousMemberEpoch: value.previousMemberEpoch,
    state: memberStateOf(value.state),
    assigned: heldOf(value.assignedPartitions, value.memberEpoch),
    pendingRevocation: heldOf(value.partitionsPendingRevocation, value.memberEpoch),
  })
}

/** A member of whom only what it said is left. */
function released(member: ConsumerMember): ConsumerMember {
  return {
    ...member,
    memberEpoch: NO_EPOCH,
    previousMemberEpoch: NO_EPOCH,
    assigned: NO_PARTITIONS,
    pendingRevocation: NO_PARTITIONS,
  }
}

type RecordedPartitions = NonNullable<RecordOf<'consumer-current'>['value']>['assignedPartitions']

/** @param memberEpoch stands in where a record, like those of Kafka before 4.2, has no epochs. */
function heldOf(recorded: RecordedPartitions, memberEpoch: number): HeldPartitions {
  if (recorded.length === 0) return NO_PARTITIONS
  const unknown = Math.max(memberEpoch, 0)
  return new Map(
    recorded.map(({ topicId, partitions, assignmentEpochs }) => {
      const epochs = assignmentEpochs?.length === partitions.length ? assignmentEpochs : []
      return [topicId, new Map(partitions.map((p, index) => [p, epochs[index] ?? unknown]))]
    }),
  )
}

function applyRegex(
  group: ConsumerGroup,
  { key, value }: RecordOf<'consumer-regex'>,
): ConsumerGroup {
  const { regularExpression } = key
  if (value === null) return withRegex(group, regularExpression, undefined)
  const { topics, version, timestamp } = value
  return withRegex(group, regularExpression, {
    topics: new Set(topics),
    version,
    timestampMs: timestamp,
  })
}

/** As `applyConsumer` for a group that there is and a record that does not end it. */
export function applyToGroup(group: ConsumerGroup, record: ConsumerGroupRecord): ConsumerGroup {
  const after = applyConsumer(group, record)
  assert(after !== undefined, `group ${group.groupId} ended by a decision that goes on with it`)
  return after
}
