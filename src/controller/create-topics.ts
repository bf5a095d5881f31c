import { validate } from '../config/alter.ts'
import { type BrokerConfigs, NO_OVERRIDES, type Overrides } from '../config/dynamic.ts'
import type { Random } from '../kernel/environment.ts'
import type { Expectation, Put } from '../metadata/coordination.ts'
import type { ClusterImage } from '../metadata/image.ts'
import { CLUSTER_METADATA } from '../metadata/internal-topics.ts'
import { configKey, topicKey } from '../metadata/keys.ts'
import type { Decision } from '../metadata/metadata-store.ts'
import type { TopicValue } from '../metadata/values.ts'
import { KafkaError } from '../protocol/errors.ts'
import { ZERO_UUID } from '../protocol/primitives.ts'
import { checkAssignment } from './assignment.ts'
import { duplicatesOf, type Outcome, outcomeOf } from './outcome.ts'
import { placeReplicas } from './placement.ts'
import { checkRequestPartitions, checkRequestRecords, PartitionBudget } from './request-limits.ts'
import { randomTopicId } from './topic-id.ts'
import { checkTopicName } from './topic-name.ts'

/** The broker's default, for a count of partitions or replicas. */
const DEFAULT = -1

/** A topic to create, as CreateTopics names it. */
export interface CreatableTopic {
  readonly name: string
  /** -1: the default, or that `assignments` says it. */
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly assignments: readonly {
    readonly partitionIndex: number
    readonly brokerIds: readonly number[]
  }[]
  readonly configs: readonly { readonly name: string; readonly value: string | null }[]
}

/** What creating topics rests on besides the image. */
export interface CreationRules {
  /** The deciding broker's settings: defaults of counts, and what a topic's settings may be. */
  readonly configs: BrokerConfigs
  /** Partitions that the cluster may have in all. */
  readonly maxPartitions: number
  readonly random: Random
}

export interface CreatedTopic extends Outcome {
  readonly name: string
  /** `ZERO_UUID` when it was not created. */
  readonly topicId: string
  /** -1 when it was not created, as the next. */
  readonly numPartitions: number
  readonly replicationFactor: number
  /** The settings it was created with. */
  readonly overrides: Overrides
}

/**
 * CreateTopics: each topic is created or refused by itself; all that are created appear together.
 * Of names that collide within the request the first is created (Kafka creates both).
 * @returns results in the order of the request, names that occur twice last and once.
 */
export function decideCreateTopics(
  image: ClusterImage,
  request: { readonly topics: readonly CreatableTopic[]; readonly validateOnly: boolean },
  rules: CreationRules,
): Decision<readonly CreatedTopic[]> {
  const duplicates = duplicatesOf(request.topics.map(({ name }) => name))
  const topics = request.topics.filter(({ name }) => !duplicates.has(name))
  const creation = new Creation(image, rules)
  const whole = outcomeOf(() => {
    checkRequestPartitions(sum(topics.map((topic) => partitionsAsked(topic, rules))))
  })
  let results = topics.map((topic) => creation.create(topic, whole))
  const records = outcomeOf(() => checkRequestRecords(creation.records))
  if (records.error !== 'NONE') results = topics.map(({ name }) => refused(name, records))
  for (const name of duplicates) {
    results.push(refused(name, { error: 'INVALID_REQUEST', message: 'Duplicate topic name.' }))
  }
  const isWritten = !request.validateOnly && records.error === 'NONE'
  if (!isWritten) return { result: results }
  return { puts: creation.puts, expect: creation.expect, result: results }
}

/** Topics in the making: what they write, and what they take from the limits. */
class Creation {
  readonly puts: Put[] = []
  readonly expect: Record<string, Expectation> = {}
  /** Records of metadata made so far, counted as Kafka counts them. */
  records = 0
  readonly #image: ClusterImage
  readonly #rules: CreationRules
  readonly #budget: PartitionBudget
  readonly #ids = new Set<string>()
  /** Names by `topicKey`. */
  readonly #made = new Map<string, string>()

  constructor(image: ClusterImage, rules: CreationRules) {
    this.#image = image
    this.#rules = rules
    this.#budget = new PartitionBudget(image, rules.maxPartitions)
  }

  /** @param whole what is wrong with the request as a whole. */
  create(topic: CreatableTopic, whole: Outcome): CreatedTopic {
    if (whole.error !== 'NONE') return refused(topic.name, whole)
    let created: Omit<CreatedTopic, keyof Outcome> | undefined
    const outcome = outcomeOf(() => {
      created = this.#create(topic)
    })
    return created === undefined ? refused(topic.name, outcome) : { ...created, ...outcome }
  }

  #create(topic: CreatableTopic): Omit<CreatedTopic, keyof Outcome> {
    const { name } = topic
    this.#checkName(name)
    const overrides = overridesOf(topic)
    validate(this.#rules.configs, { type: 'topic', name, overrides: NO_OVERRIDES }, overrides)
    const partitions =
      topic.assignments.length > 0
        ? assignedPartitions(this.#image, topic)
        : placedPartitions(this.#image, topic, this.#rules)
    this.#budget.take(name, partitions.length)
    const id = this.#newId()
    this.#write({ name, id, partitions }, overrides)
    return {
      name,
      topicId: id,
      numPartitions: partitions.length,
      replicationFactor: partitions[0]?.length ?? 0,
      overrides,
    }
  }

  #newId(): string {
    const { topicsById, deletedTopics } = this.#image
    const isTaken = (id: string) => topicsById.has(id) || deletedTopics.has(id) || this.#ids.has(id)
    const id = randomTopicId(this.#rules.random, isTaken)
    this.#ids.add(id)
    return id
  }

  #checkName(name: string): void {
    if (name === CLUSTER_METADATA) {
      const detail = `Creation of internal topic ${CLUSTER_METADATA} is prohibited.`
      throw new KafkaError('INVALID_REQUEST', detail)
    }
    checkTopicName(name)
    const key = topicKey(name)
    const known = this.#image.topicsByKey.get(key)
    if (known?.name === name) {
      throw new KafkaError('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`)
    }
    const other = known?.name ?? this.#made.get(key)
    if (other === undefined) return
    const detail = `Topic '${name}' collides with existing topic: ${other}`
    throw new KafkaError('INVALID_TOPIC_EXCEPTION', detail)
  }

  #write(topic: TopicValue, overrides: Overrides): void {
    const { name } = topic
    const key = topicKey(name)
    this.#made.set(key, name)
    this.expect[key] = { createRevision: 0 }
    this.puts.push({ key, value: JSON.stringify(topic) })
    const settings = Object.keys(overrides).length
    if (settings > 0) {
      this.puts.push({
        key: configKey({ kind: 'topic', name }),
        value: JSON.stringify(overrides),
      })
    }
    this.records += 1 + settings + topic.partitions.length
  }
}

function refused(name: string, outcome: Outcome): CreatedTopic {
  const nothing = { topicId: ZERO_UUID, numPartitions: -1, replicationFactor: -1 }
  return { name, ...nothing, overrides: NO_OVERRIDES, ...outcome }
}

function partitionsAsked(topic: CreatableTopic, { configs }: CreationRules): number {
  if (topic.assignments.length > 0) return topic.assignments.length
  if (topic.numPartitions === DEFAULT) return configs.current['num.partitions']
  return Math.max(0, topic.numPartitions)
}

function overridesOf(topic: CreatableTopic): Overrides {
  const withoutValue = topic.configs.filter(({ value }) => value === null)
  if (withoutValue.length > 0) {
    const names = withoutValue.map(({ name }) => name).join(',')
    throw new KafkaError('INVALID_CONFIG', `Null value not supported for topic configs: ${names}`)
  }
  if (topic.configs.length === 0) return NO_OVERRIDES
  return Object.fromEntries(topic.configs.map(({ name, value }) => [name, value ?? '']))
}

/** The replicas of each partition as the client chose them. */
function assignedPartitions(image: ClusterImage, topic: CreatableTopic): readonly number[][] {
  const both = (what: string) => {
    const detail = `A manual partition assignment was specified, but ${what} was not set to -1.`
    return new KafkaError('INVALID_REQUEST', detail)
  }
  if (topic.replicationFactor !== DEFAULT) throw both('replication factor')
  if (topic.numPartitions !== DEFAULT) throw both('numPartitions')
  const partitions = new Map<number, number[]>()
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (partitions.has(partitionIndex)) {
      throw badAssignment(
        `Found multiple manual partition assignments for partition ${partitionIndex}`,
      )
    }
    checkAssignment(image, brokerIds, topic.assignments[0]?.brokerIds.length)
    partitions.set(partitionIndex, [...brokerIds])
  }
  return Array.from({ length: partitions.size }, (_, index) => {
    const replicas = partitions.get(index)
    if (replicas !== undefined) return replicas
    throw badAssignment('partitions should be a consecutive 0-based integer sequence')
  })
}

function badAssignment(detail: string): KafkaError {
  return new KafkaError('INVALID_REPLICA_ASSIGNMENT', detail)
}

/** The replicas of each partition as the placement chooses them. */
function placedPartitions(
  image: ClusterImage,
  topic: CreatableTopic,
  { configs, random }: CreationRules,
): readonly (readonly number[])[] {
  const { numPartitions, replicationFactor } = topic
  if (replicationFactor !== DEFAULT && replicationFactor < 1) {
    throw new KafkaError(
      'INVALID_REPLICATION_FACTOR',
      'Replication factor must be larger than 0, or -1 to use the default value.',
    )
  }
  if (numPartitions !== DEFAULT && numPartitions < 1) {
    throw new KafkaError(
      'INVALID_PARTITIONS',
      'Number of partitions was set to an invalid non-positive value.',
    )
  }
  const { 'num.partitions': usual, 'default.replication.factor': usualFactor } = configs.current
  return placeReplicas(
    image,
    numPartitions === DEFAULT ? usual : numPartitions,
    replicationFactor === DEFAULT ? usualFactor : replicationFactor,
    random,
  )
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
