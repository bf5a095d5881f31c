import { KafkaError } from '../../protocol/errors.ts'
import type { AssignorInput, AssignorResult } from './assignor.ts'
import { JavaHashSet, stringHash } from './java-hash.ts'
import { MemberTarget } from './member-target.ts'

/** Knuth's multiplicative hash spreads what lies close together. */
const FIBONACCI = 0x9e37_79b9_7f4a_7c15n
const UINT64 = (1n << 64n) - 1n
const SMALLEST_TABLE = 2

/** Member ids as Kafka's assignors walk them: they are handed a `HashMap`. */
export function walkMembers(input: AssignorInput): readonly string[] {
  const ids = new JavaHashSet(stringHash)
  for (const memberId of input.members.keys()) ids.add(memberId)
  return [...ids]
}

/**
 * Orders the members of a group as Kafka's own table of them is walked: by the highest bits of a
 * multiplicative hash, as many as the table's size has. Members that share these come in reverse order
 * of their arrival, for which the given order stands. Kafka's table remembers how large it once was;
 * here it is as large as its members need.
 */
export function asKafkaWalks(memberIds: Iterable<string>): readonly string[] {
  const ids = [...memberIds]
  let capacity = SMALLEST_TABLE
  while (ids.length * 0.75 > capacity) capacity *= 2
  const shift = BigInt(64 - Math.log2(capacity))
  const slotOf = (id: string): number =>
    Number(((BigInt(stringHash(id)) * FIBONACCI) & UINT64) >> shift)
  return ids
    .toReversed()
    .map((id) => ({ id, slot: slotOf(id) }))
    .toSorted((a, b) => a.slot - b.slot)
    .map(({ id }) => id)
}

/** @returns partitions of a topic that members subscribe to. The caller leaves out what is not there. */
export function partitionCount(input: AssignorInput, topicId: string): number {
  const count = input.partitionCountOf(topicId)
  if (count === undefined) throw failed(`the subscribed topic ${topicId} does not exist`)
  return count
}

/** The error for what no log of a sound group leads to. The group stays as it is. */
export function failed(why: string): KafkaError {
  return new KafkaError('UNKNOWN_SERVER_ERROR', `no assignment could be computed: ${why}`)
}

/**
 * What a member was to have so far. Leaders of classic groups can give out partitions that do not
 * exist, or one to several members; such do not count.
 */
export function targetOf(input: AssignorInput, memberId: string): MemberTarget {
  const { assigned } = input.members.get(memberId)!
  const isSound = (topicId: string, partition: number): boolean => {
    const count = input.partitionCountOf(topicId) ?? Number.MAX_SAFE_INTEGER
    return partition >= 0 && partition < count && input.holderOf(topicId, partition) === memberId
  }
  const target = new MemberTarget(assigned)
  for (const [topicId, partitions] of assigned)
    for (const partition of partitions)
      if (!isSound(topicId, partition)) target.remove(topicId, partition)
  return target
}

/** Everybody's result; nothing for members without a target. */
export function resultOf(
  input: AssignorInput,
  targets: ReadonlyMap<string, MemberTarget>,
): AssignorResult {
  const nothing = new Map<string, readonly number[]>()
  return new Map(
    [...input.members.keys()].map((id) => [id, targets.get(id)?.result() ?? nothing] as const),
  )
}
