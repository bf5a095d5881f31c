import type { Random } from '../kernel/environment.ts'
import type { Expectation, Put } from '../metadata/coordination.ts'
import type { ClusterImage, TopicImage } from '../metadata/image.ts'
import { topicKey } from '../metadata/keys.ts'
import type { Decision } from '../metadata/metadata-store.ts'
import type { TopicValue } from '../metadata/values.ts'
import { KafkaError } from '../protocol/errors.ts'
import { checkAssignment } from './assignment.ts'
import { duplicatesOf, type Outcome, outcomeOf } from './outcome.ts'
import { placeReplicas } from './placement.ts'
import { checkRequestPartitions, PartitionBudget } from './request-limits.ts'

/** A topic that shall have more partitions, as CreatePartitions names it. */
export interface GrowingTopic {
  readonly name: string
  /** How many it shall have in all. */
  readonly count: number
  /** The replicas of the new ones; null to have them placed. */
  readonly assignments: readonly { readonly brokerIds: readonly number[] }[] | null
}

export interface GrowthRules {
  /** Partitions that the cluster may have in all. */
  readonly maxPartitions: number
  readonly random: Random
}

export interface GrownTopic extends Outcome {
  readonly name: string
}

/**
 * CreatePartitions: each topic grows or stays by itself. Beyond 10,000 new partitions all are refused
 * with POLICY_VIOLATION, where Kafka answers UNKNOWN_SERVER_ERROR.
 */
export function decideCreatePartitions(
  image: ClusterImage,
  request: { readonly topics: readonly GrowingTopic[]; readonly validateOnly: boolean },
  rules: GrowthRules,
): Decision<readonly GrownTopic[]> {
  const duplicates = duplicatesOf(request.topics.map(({ name }) => name))
  const topics = request.topics.filter(({ name }) => !duplicates.has(name))
  const budget = new PartitionBudget(image, rules.maxPartitions)
  const whole = outcomeOf(() => checkRequestPartitions(newPartitions(image, topics)))
  const puts: Put[] = []
  const expect: Record<string, Expectation> = {}
  const grow = (wanted: GrowingTopic) => {
    const { topic, added } = growth(image, wanted, rules.random)
    budget.take(topic.name, added.length)
    puts.push({ key: topicKey(topic.name), value: JSON.stringify(grown(topic, added)) })
    expect[topicKey(topic.name)] = { modRevision: topic.modRevision }
  }
  const results: GrownTopic[] = topics.map((topic) => {
    return { name: topic.name, ...(whole.error === 'NONE' ? outcomeOf(() => grow(topic)) : whole) }
  })
  for (const name of duplicates) {
    results.push({ name, error: 'INVALID_REQUEST', message: 'Duplicate topic name.' })
  }
  return request.validateOnly ? { result: results } : { puts, expect, result: results }
}

function newPartitions(image: ClusterImage, topics: readonly GrowingTopic[]): number {
  let total = 0
  for (const { name, count } of topics) {
    const topic = image.topics.get(name)
    if (topic !== undefined) total += Math.max(0, count - topic.partitions.length)
  }
  return total
}

function growth(
  image: ClusterImage,
  { name, count, assignments }: GrowingTopic,
  random: Random,
): { readonly topic: TopicImage; readonly added: readonly (readonly number[])[] } {
  const topic = image.topics.get(name)
  if (topic === undefined) {
    const detail = 'This server does not host this topic-partition.'
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', detail)
  }
  const before = topic.partitions.length
  if (count === before) {
    throw new KafkaError('INVALID_PARTITIONS', `Topic already has ${before} partition(s).`)
  }
  if (count < before) {
    throw new KafkaError(
      'INVALID_PARTITIONS',
      `The topic ${name} currently has ${before} partition(s); ${count} would not be an increase.`,
    )
  }
  const replicationFactor = topic.partitions[0]?.replicas.length ?? 0
  if (assignments === null) {
    return { topic, added: placeReplicas(image, count - before, replicationFactor, random) }
  }
  if (assignments.length !== count - before) {
    throw new KafkaError(
      'INVALID_REPLICA_ASSIGNMENT',
      `Attempted to add ${count - before} additional partition(s), but only ` +
        `${assignments.length} assignment(s) were specified.`,
    )
  }
  for (const { brokerIds } of assignments) checkAssignment(image, brokerIds, replicationFactor)
  return { topic, added: assignments.map(({ brokerIds }) => brokerIds) }
}

function grown(topic: TopicImage, added: readonly (readonly number[])[]): TopicValue {
  const { name, id } = topic
  // Where a partition was moved since, its own key says so over what stands here.
  return { name, id, partitions: [...topic.partitions.map(({ replicas }) => replicas), ...added] }
}
