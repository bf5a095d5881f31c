import type { ConsumerGroupRecord } from '../records.ts'
import type {
  Assignment,
  ConsumerGroup,
  ConsumerMember,
  HeldPartitions,
  MemberState,
  ResolvedRegex,
} from './group.ts'

/** How records name the states of a member. */
const codeOfState: Readonly<Record<MemberState, number>> = {
  stable: 0,
  'unrevoked-partitions': 1,
  'unreleased-partitions': 2,
  unknown: 127,
}

const stateOfCode = new Map<number, MemberState>([
  [codeOfState.stable, 'stable'],
  [codeOfState['unrevoked-partitions'], 'unrevoked-partitions'],
  [codeOfState['unreleased-partitions'], 'unreleased-partitions'],
])

/** The state that a record names. */
export function memberStateOf(code: number): MemberState {
  return stateOfCode.get(code) ?? 'unknown'
}

/** The group's epoch and the hash of what it reads. */
export function groupRecord(groupId: string, epoch: number, hash: bigint): ConsumerGroupRecord {
  return { type: 'consumer-group', key: { groupId }, value: { epoch, metadataHash: hash } }
}

/** What a member said about itself. */
export function memberRecord(groupId: string, member: ConsumerMember): ConsumerGroupRecord {
  const { classic } = member
  return {
    type: 'consumer-member',
    key: { groupId, memberId: member.memberId },
    value: {
      instanceId: member.instanceId,
      rackId: member.rackId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      subscribedTopicNames: member.subscribedTopicNames,
      subscribedTopicRegex: member.subscribedTopicRegex,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      serverAssignor: member.serverAssignor,
      classicMemberMetadata: classic && {
        sessionTimeoutMs: classic.sessionTimeoutMs,
        supportedProtocols: classic.protocols,
      },
    },
  }
}

/** For which epoch there is a target, and since when. */
export function targetRecord(groupId: string, epoch: number, nowMs: number): ConsumerGroupRecord {
  return {
    type: 'consumer-target',
    key: { groupId },
    value: { assignmentEpoch: epoch, assignmentTimestamp: nowMs },
  }
}

/** What a member shall have. */
export function memberTargetRecord(
  groupId: string,
  memberId: string,
  target: Assignment,
): ConsumerGroupRecord {
  const topicPartitions = [...target].map(([topicId, partitions]) => ({ topicId, partitions }))
  return { type: 'consumer-target-member', key: { groupId, memberId }, value: { topicPartitions } }
}

/** What a member has, and how far it is. */
export function currentRecord(groupId: string, member: ConsumerMember): ConsumerGroupRecord {
  return {
    type: 'consumer-current',
    key: { groupId, memberId: member.memberId },
    value: {
      memberEpoch: member.memberEpoch,
      previousMemberEpoch: member.previousMemberEpoch,
      state: codeOfState[member.state],
      assignedPartitions: withEpochs(member.assigned),
      partitionsPendingRevocation: withEpochs(member.pendingRevocation),
    },
  }
}

function withEpochs(held: HeldPartitions) {
  return [...held].map(([topicId, epochs]) => {
    const inOrder = [...epochs].sort(([a], [b]) => a - b)
    return {
      topicId,
      partitions: inOrder.map(([partition]) => partition),
      assignmentEpochs: inOrder.map(([, epoch]) => epoch),
    }
  })
}

/** What a pattern matched. */
export function regexRecord(
  groupId: string,
  regularExpression: string,
  resolved: ResolvedRegex,
): ConsumerGroupRecord {
  return {
    type: 'consumer-regex',
    key: { groupId, regularExpression },
    value: {
      topics: [...resolved.topics].sort(),
      version: resolved.version,
      timestamp: resolved.timestampMs,
    },
  }
}

/** Nobody subscribes to a pattern any more. */
export function regexTombstone(groupId: string, regularExpression: string): ConsumerGroupRecord {
  return { type: 'consumer-regex', key: { groupId, regularExpression }, value: null }
}

/** Ends what Kafka 4.0 recorded of the topics. */
export function partitionMetadataTombstone(groupId: string): ConsumerGroupRecord {
  return { type: 'consumer-partition-metadata', key: { groupId }, value: null }
}

/** A member is gone: first what it has, then what it shall have, then itself. */
export function memberTombstones(groupId: string, memberId: string): ConsumerGroupRecord[] {
  const key = { groupId, memberId }
  return [
    { type: 'consumer-current', key, value: null },
    { type: 'consumer-target-member', key, value: null },
    { type: 'consumer-member', key, value: null },
  ]
}

/** A group is gone, with all that there is of it, in Kafka's order. */
export function groupTombstones(group: ConsumerGroup): ConsumerGroupRecord[] {
  const { groupId } = group
  const keys = [...group.members.keys()].map((memberId) => ({ groupId, memberId }))
  return [
    ...keys.map((key) => ({ type: 'consumer-current', key, value: null }) as const),
    ...keys.map((key) => ({ type: 'consumer-target-member', key, value: null }) as const),
    { type: 'consumer-target', key: { groupId }, value: null },
    ...keys.map((key) => ({ type: 'consumer-member', key, value: null }) as const),
    ...[...group.regexes.keys()].map((regex) => regexTombstone(groupId, regex)),
    partitionMetadataTombstone(groupId),
    { type: 'consumer-group', key: { groupId }, value: null },
  ]
}

/** Everything that there is of a group, for one that was made of a classic group. */
export function groupRecords(group: ConsumerGroup): ConsumerGroupRecord[] {
  const { groupId } = group
  const members = [...group.members.values()]
  return [
    ...members.map((member) => memberRecord(groupId, member)),
    groupRecord(groupId, group.epoch, group.metadataHash),
    ...[...group.target].map(([memberId, target]) => memberTargetRecord(groupId, memberId, target)),
    targetRecord(groupId, group.targetEpoch, group.targetTimestampMs),
    ...members.map((member) => currentRecord(groupId, member)),
  ]
}
