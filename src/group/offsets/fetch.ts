import { errors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { checkConsumerFetch } from '../consumer/commit-check.ts'
import type { KnownGroups } from './known-groups.ts'
import type { CommittedOffset } from './offset-table.ts'

/** What one group's offsets are asked for by. */
export interface OffsetQuestion {
  readonly groupId: string
  /** null, with a negative epoch: not a member, not checked. */
  readonly memberId: string | null
  readonly memberEpoch: number
  /** null: all that have offsets. */
  readonly topics: readonly AskedTopic[] | null
  /** Do not answer with what an open transaction may still change. */
  readonly requireStable: boolean
}

export interface AskedTopic {
  readonly name: string
  /** Zero: any topic of that name. */
  readonly topicId: string
  readonly partitionIndexes: readonly number[]
}

/** Offsets of one topic, as every version of OffsetFetch answers them. */
export interface FetchedTopic {
  readonly name: string
  readonly topicId: string
  readonly partitions: readonly FetchedOffset[]
}

export interface FetchedOffset {
  readonly partitionIndex: number
  /** -1: none. */
  readonly committedOffset: number
  readonly committedLeaderEpoch: number
  readonly metadata: string
  readonly errorCode: number
}

/**
 * The committed offsets of a group. Of a group that nobody knows, and of partitions without an offset,
 * there are none, which is no error.
 * @throws KafkaError UNKNOWN_MEMBER_ID | STALE_MEMBER_EPOCH | ILLEGAL_GENERATION of a sender that says
 *   who it is and is not, or not any more, in a consumer group.
 */
export function fetchOffsets(known: KnownGroups, question: OffsetQuestion): FetchedTopic[] {
  const { groupId, topics } = question
  const group = known.group(groupId)
  if (group?.type === 'consumer') checkConsumerFetch(group, question)
  if (topics === null) return allOffsets(known, question)
  return topics.map(({ name, topicId, partitionIndexes }) => ({
    name,
    topicId,
    partitions: partitionIndexes.map((partition) => {
      const offset = known.offsets.get(groupId, name, partition)
      const isOfTopic = offset !== undefined && isSameTopic(offset.topicId, topicId)
      return fetched(known, question, name, partition, isOfTopic ? offset : undefined)
    }),
  }))
}

/** Their topics' ids are the asker's to know. */
function allOffsets(known: KnownGroups, question: OffsetQuestion): FetchedTopic[] {
  return [...known.offsets.topicsOf(question.groupId)].map(([name, committed]) => ({
    name,
    topicId: ZERO_UUID,
    partitions: committed.map((offset) => {
      return fetched(known, question, name, offset.partition, offset)
    }),
  }))
}

function fetched(
  { offsets }: KnownGroups,
  { groupId, requireStable }: OffsetQuestion,
  topic: string,
  partitionIndex: number,
  offset: CommittedOffset | undefined,
): FetchedOffset {
  if (requireStable && offsets.isOpen(groupId, topic, partitionIndex)) {
    return noOffset(partitionIndex, errors.UNSTABLE_OFFSET_COMMIT.code)
  }
  if (offset === undefined) return noOffset(partitionIndex, errors.NONE.code)
  return {
    partitionIndex,
    committedOffset: offset.offset,
    committedLeaderEpoch: offset.leaderEpoch,
    metadata: offset.metadata,
    errorCode: errors.NONE.code,
  }
}

/** The answer for a partition without an offset, or with an error. */
export function noOffset(partitionIndex: number, errorCode: number): FetchedOffset {
  return {
    partitionIndex,
    committedOffset: -1,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode,
  }
}

/** A topic that was made anew is another one; an unknown id matches any. */
function isSameTopic(committed: string, asked: string): boolean {
  return committed === ZERO_UUID || asked === ZERO_UUID || committed === asked
}
