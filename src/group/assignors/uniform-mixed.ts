import type { AssignorInput, AssignorResult } from './assignor.ts'
import { compareUuids, roomFor } from './java-hash.ts'
import { LoadOrder } from './load-order.ts'
import type { MemberTarget } from './member-target.ts'
import { partitionCount, resultOf, targetOf, walkMembers } from './walk.ts'

/** Rounds over all topics: a move for one topic may make room for a better one of another. */
const MAX_ROUNDS = 16
const NOBODY = -1

/** Members are known by their index in the walk. */
interface Topic {
  readonly topicId: string
  readonly partitionCount: number
  readonly subscribers: number[]
  /** Of each partition, by its index. */
  readonly owners: Int32Array
}

interface Plan {
  readonly topics: ReadonlyMap<string, Topic>
  readonly targets: readonly MemberTarget[]
  /** How many partitions each member has. */
  readonly loads: number[]
}

/**
 * The uniform assignment of a group whose members subscribe to different topics. Members keep what
 * they had of what they still subscribe to; what is free goes to the subscriber with least; then
 * partitions move, topic by topic, from those with most to those with least until nothing is gained.
 * Topics with many partitions for few subscribers come first, since they leave least choice.
 * O(partitions + rounds · topics · members · log members).
 */
export function assignToMixedSubscriptions(input: AssignorInput): AssignorResult {
  const memberIds = walkMembers(input)
  const topics = subscribedTopics(input, memberIds)
  if (topics.size === 0) return resultOf(input, new Map())
  const targets = memberIds.map((id) => targetOf(input, id))
  const plan = { topics, targets, loads: memberIds.map(() => 0) }
  for (const [member, memberId] of memberIds.entries())
    keepSubscribed(plan, member, input.members.get(memberId)!.topicIds)
  const inOrder = [...topics.values()].toSorted(byLeastChoice)
  const order = new LoadOrder(plan.loads)
  for (const topic of inOrder) giveFree(plan, topic, order)
  balance(
    plan,
    inOrder.filter(({ subscribers }) => subscribers.length > 1),
    order,
  )
  return resultOf(input, new Map(memberIds.map((id, index) => [id, targets[index]!])))
}

function subscribedTopics(
  input: AssignorInput,
  memberIds: readonly string[],
): ReadonlyMap<string, Topic> {
  const topics = new Map<string, Topic>()
  for (const [member, memberId] of memberIds.entries()) {
    for (const topicId of input.members.get(memberId)!.topicIds) {
      const known = topics.get(topicId)
      if (known !== undefined) {
        known.subscribers.push(member)
        continue
      }
      const count = partitionCount(input, topicId)
      const owners = new Int32Array(count).fill(NOBODY)
      topics.set(topicId, { topicId, partitionCount: count, subscribers: [member], owners })
    }
  }
  return topics
}

/** The most partitions for each subscriber first, then the fewest subscribers. */
function byLeastChoice(a: Topic, b: Topic): number {
  const partitionsEach = (topic: Topic): number => topic.partitionCount / topic.subscribers.length
  return (
    partitionsEach(b) - partitionsEach(a) ||
    a.subscribers.length - b.subscribers.length ||
    compareUuids(a.topicId, b.topicId)
  )
}

function keepSubscribed(plan: Plan, member: number, subscribed: ReadonlySet<string>): void {
  const target = plan.targets[member]!
  for (const [topicId, partitions] of target.now()) {
    const topic = plan.topics.get(topicId)
    if (topic === undefined || !subscribed.has(topicId)) {
      target.removeTopic(topicId)
      continue
    }
    for (const partition of partitions) topic.owners[partition] = member
    plan.loads[member]! += partitions.length
  }
}

function giveFree(plan: Plan, topic: Topic, order: LoadOrder): void {
  if (!topic.owners.includes(NOBODY)) return
  order.start(topic.subscribers)
  for (const [partition, owner] of topic.owners.entries())
    if (owner === NOBODY) give(plan, topic, partition, order.nextLight())
}

/** Goes round the topics until one whole round moved nothing. */
function balance(plan: Plan, topics: readonly Topic[], order: LoadOrder): void {
  let lastMoved: Topic | undefined
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (const topic of topics) {
      if (topic === lastMoved) return
      const hasMoved = balanceTopic(plan, topic, order)
      if (hasMoved || lastMoved === undefined) lastMoved = topic
    }
  }
}

/** @returns whether a partition moved. */
function balanceTopic(plan: Plan, topic: Topic, order: LoadOrder): boolean {
  if (order.start(topic.subscribers) <= 1) return false
  const givable = partitionsByOwner(topic)
  let hasMoved = false
  while (!order.isBalanced) {
    let heavy = order.nextHeavy()
    while (heavy !== undefined && !givable.get(heavy)?.length) {
      order.excludeHeavy()
      heavy = order.nextHeavy()
    }
    if (heavy === undefined) break
    const partition = givable.get(heavy)!.pop()!
    const light = order.nextLight()
    // Asking for the least loaded may have brought the ends together.
    if (order.isBalanced) break
    give(plan, topic, partition, light)
    hasMoved = true
  }
  return hasMoved
}

function partitionsByOwner(topic: Topic): ReadonlyMap<number, number[]> {
  const byOwner = new Map<number, number[]>()
  for (const [partition, owner] of topic.owners.entries()) {
    const own = byOwner.get(owner)
    if (own === undefined) byOwner.set(owner, [partition])
    else own.push(partition)
  }
  return byOwner
}

function give(plan: Plan, topic: Topic, partition: number, member: number): void {
  const before = topic.owners[partition]!
  if (before !== NOBODY) {
    plan.targets[before]!.remove(topic.topicId, partition)
    plan.loads[before]! -= 1
  }
  const share = Math.ceil(topic.partitionCount / topic.subscribers.length)
  plan.targets[member]!.add(topic.topicId, partition, roomFor(share))
  topic.owners[partition] = member
  plan.loads[member]! += 1
}
