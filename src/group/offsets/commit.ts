import type { Ticket } from '../../coordinator/machine.ts'
import { errors, KafkaError } from '../../protocol/errors.ts'
import { checkClassicCommit, classicCommitEffects } from '../classic/commit-check.ts'
import { checkConsumerCommit } from '../consumer/commit-check.ts'
import type { OffsetCommitEvent } from '../events.ts'
import type { Group } from '../group.ts'
import type { OffsetRecord } from '../records.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'

type Request = OffsetCommitEvent['request']
type Topic = Request['topics'][number]
type Partition = Topic['partitions'][number]

/** Not a member: a consumer that assigns partitions to itself, or a tool. */
const NO_GENERATION = -1
const AS_CONFIGURED = -1
/** The first version whose clients know GROUP_ID_NOT_FOUND here. */
const CONSUMER_PROTOCOL_VERSION = 9

/**
 * Decides whether a group takes offsets, and keeps those it takes. Topics are named and have their
 * ids, and their partitions exist: the handler sees to that.
 * @param group undefined: offsets of nobody's group found one, which only they are known by.
 * @throws KafkaError when the sender may not commit, be it for one partition only, as in Kafka.
 */
export function decideOffsetCommit(
  group: Group | undefined,
  event: OffsetCommitEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  const { request } = event
  const checkPartition = checkSender(group, event)
  const longest = world.broker['offset.metadata.max.bytes']
  const records: GroupEffect[] = []
  const topics = request.topics.map((topic) => ({
    name: topic.name,
    topicId: topic.topicId,
    partitions: topic.partitions.map((partition) => {
      const { partitionIndex, committedMetadata } = partition
      if (committedMetadata !== null && committedMetadata.length > longest) {
        return { partitionIndex, errorCode: errors.OFFSET_METADATA_TOO_LARGE.code }
      }
      checkPartition(topic, partitionIndex)
      records.push({ type: 'append', record: offsetRecord(request, topic, partition, world) })
      return { partitionIndex, errorCode: errors.NONE.code }
    }),
  }))
  const alive =
    group?.type === 'classic' ? classicCommitEffects(group, request.memberId, world) : []
  return [...records, ...alive, { type: 'reply', to: ticket, answer: { topics } }]
}

/** @returns what is to be checked of every partition: whether it is the sender's to commit. */
function checkSender(
  group: Group | undefined,
  { request, caller }: OffsetCommitEvent,
): (topic: Topic, partition: number) => void {
  const { memberId, generationIdOrMemberEpoch: generation } = request
  const sender = {
    memberId,
    instanceId: request.groupInstanceId,
    isTransactional: false,
    apiVersion: caller.apiVersion,
  }
  switch (group?.type) {
    case undefined:
      if (generation <= NO_GENERATION) return mayCommitAll
      if (caller.apiVersion >= CONSUMER_PROTOCOL_VERSION) {
        throw new KafkaError('GROUP_ID_NOT_FOUND', `there is no group ${request.groupId}`)
      }
      throw new KafkaError('ILLEGAL_GENERATION', `${request.groupId} has no generation`)
    case 'classic':
      checkClassicCommit(group, { ...sender, generation })
      return mayCommitAll
    case 'consumer':
      return checkConsumerCommit(group, { ...sender, memberEpoch: generation })
  }
}

function mayCommitAll(): void {}

function offsetRecord(
  { groupId, retentionTimeMs }: Request,
  { name, topicId }: Topic,
  partition: Partition,
  { nowMs }: GroupWorld,
): OffsetRecord {
  return {
    type: 'offset',
    key: { group: groupId, topic: name, partition: partition.partitionIndex },
    value: {
      offset: partition.committedOffset,
      leaderEpoch: partition.committedLeaderEpoch,
      metadata: partition.committedMetadata ?? '',
      commitTimestamp: nowMs,
      expireTimestamp: retentionTimeMs === AS_CONFIGURED ? -1 : expiry(nowMs, retentionTimeMs),
      topicId,
    },
  }
}

/** What clients before v5 wish for, as far as a timestamp goes. */
function expiry(nowMs: number, retentionMs: number): number {
  return Math.min(nowMs + retentionMs, Number.MAX_SAFE_INTEGER)
}
