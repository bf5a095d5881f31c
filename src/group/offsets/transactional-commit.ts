import type { Ticket } from '../../coordinator/machine.ts'
import { errors, KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { checkClassicCommit } from '../classic/commit-check.ts'
import { accept, checkConsumerCommit, type PartitionCheck } from '../consumer/commit-check.ts'
import type { TxnOffsetCommitEvent } from '../events.ts'
import type { Group } from '../group.ts'
import type { OffsetRecord } from '../records.ts'
import type { GroupEffect, GroupWorld } from '../world.ts'

type Request = TxnOffsetCommitEvent['request']
type Partition = Request['topics'][number]['partitions'][number]

/**
 * Offsets that are to count with the end of the producer's transaction, and pend until then (KIP-447).
 * Whoever names a member or a generation has to be right about it; who names none may commit, as clients
 * before KIP-447 do.
 * @param group undefined: the offsets found one, which only they are known by.
 * @throws KafkaError when the sender may not commit, be it for one partition only, as in Kafka.
 */
export function decideTxnOffsetCommit(
  group: Group | undefined,
  event: TxnOffsetCommitEvent,
  ticket: Ticket,
  world: GroupWorld,
): readonly GroupEffect[] {
  const { request } = event
  const { producerEpoch, producerId } = request
  const producer = { producerId, producerEpoch }
  const check = checkSender(group, event)
  const longest = world.broker['offset.metadata.max.bytes']
  const records: GroupEffect[] = []
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((partition) => {
      const { committedMetadata, partitionIndex } = partition
      if (committedMetadata !== null && committedMetadata.length > longest) {
        return { partitionIndex, errorCode: errors.OFFSET_METADATA_TOO_LARGE.code }
      }
      checkPartition(check, name, partitionIndex, world)
      const record = offsetRecord(request.groupId, name, partition, world)
      records.push({ type: 'append', record, producer })
      return { partitionIndex, errorCode: errors.NONE.code }
    }),
  }))
  return [...records, { type: 'reply', to: ticket, answer: { topics } }]
}

/** @returns the check of each partition. */
function checkSender(
  group: Group | undefined,
  { request, caller }: TxnOffsetCommitEvent,
): PartitionCheck {
  const { generationId: generation, groupId, groupInstanceId: instanceId, memberId } = request
  const sender = { memberId, instanceId, isTransactional: true, apiVersion: caller.apiVersion }
  switch (group?.type) {
    case undefined:
      if (generation < 0) return accept
      throw new KafkaError('ILLEGAL_GENERATION', `${groupId} has no generation`)
    case 'classic':
      checkClassicCommit(group, { ...sender, generation })
      return accept
    case 'consumer':
      return inGenerations(() => checkConsumerCommit(group, { ...sender, memberEpoch: generation }))
  }
}

/** A member that is behind its epoch may commit for what it holds, of which topics know the ids. */
function checkPartition(
  check: PartitionCheck,
  name: string,
  partition: number,
  { image }: GroupWorld,
): void {
  if (check === accept) return
  const topicId = image.topics.get(name)?.id
  if (topicId === undefined) {
    throw new KafkaError('ILLEGAL_GENERATION', `nobody holds ${name}-${partition}: there is none`)
  }
  inGenerations(() => check({ name, topicId }, partition))
}

/** Producers know generations and nothing of epochs. */
function inGenerations<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof KafkaError) || error.error !== 'STALE_MEMBER_EPOCH') throw error
    throw new KafkaError('ILLEGAL_GENERATION', error.message, { cause: error })
  }
}

/** As Kafka writes it: a transaction's offset names its topic, without the id. */
function offsetRecord(
  group: string,
  topic: string,
  { committedLeaderEpoch, committedMetadata, committedOffset, partitionIndex }: Partition,
  { nowMs }: GroupWorld,
): OffsetRecord {
  return {
    type: 'offset',
    key: { group, topic, partition: partitionIndex },
    value: {
      offset: committedOffset,
      leaderEpoch: committedLeaderEpoch,
      metadata: committedMetadata ?? '',
      commitTimestamp: nowMs,
      expireTimestamp: -1,
      topicId: ZERO_UUID,
    },
  }
}
