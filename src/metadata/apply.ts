import { assert } from '../kernel/assert.ts'
import type { Change, Entry, Snapshot } from './coordination.ts'
import {
  type BrokerImage,
  type ClusterImage,
  type ConfigTable,
  configTable,
  EMPTY_IMAGE,
  type ImageDelta,
  type PartitionImage,
  type TopicImage,
} from './image.ts'
import { isInternalTopic } from './internal-topics.ts'
import { type ConfigKind, type ConfigResource, type KeyName, keyName, topicKey } from './keys.ts'
import type {
  BrokerValue,
  ClusterValue,
  ConfigValue,
  DeletedTopicValue,
  PartitionValue,
  ProducerIdsValue,
  TopicValue,
} from './values.ts'

type ChangedEntry = Change['entries'][number]

/** The image of everything in the store. */
export function imageOf(snapshot: Snapshot): ClusterImage {
  return applyChange(EMPTY_IMAGE, snapshot).image
}

/**
 * The image after one commit: the only way an image changes. Costs what the commit touches (and, per
 * topic touched, one reference per partition), not what the cluster holds.
 */
export function applyChange(
  image: ClusterImage,
  change: Change,
): { readonly image: ClusterImage; readonly delta: ImageDelta } {
  const step = new Step(image)
  const named = change.entries.map((entry) => ({ entry, name: keyName(entry.key) }))
  // Partitions last: their topic may come with the same commit.
  for (const { entry, name } of named) if (name.type !== 'partition') step.apply(name, entry)
  for (const { entry, name } of named) if (name.type === 'partition') step.apply(name, entry)
  return { image: step.finish(change.revision), delta: step.delta() }
}

/** What differs between two images that are not neighbours; costs a look at every topic. An image that
 *  was read anew shares nothing with one before it: then all of it counts as changed. */
export function deltaBetween(before: ClusterImage, after: ClusterImage): ImageDelta {
  return {
    topics: new Set(changedKeys(before.topics, after.topics)),
    brokers: new Set(changedKeys(before.brokers, after.brokers)),
    hasNewConfigs: changedKeys(before.configRevisions, after.configRevisions).length > 0,
  }
}

interface Table<K, V> extends Iterable<[K, V]> {
  get(key: K): V | undefined
}

function changedKeys<K, V>(before: Table<K, V>, after: Table<K, V>): K[] {
  const keys: K[] = []
  for (const [key, value] of after) if (before.get(key) !== value) keys.push(key)
  for (const [key] of before) if (after.get(key) === undefined) keys.push(key)
  return keys
}

/** One change in the making: collects what it touches, so that each table is copied once. */
class Step {
  readonly #before: ClusterImage
  #clusterId: string
  #producerIds: ClusterImage['producerIds']
  readonly #brokers = new Map<number, BrokerImage | undefined>()
  readonly #topics = new Map<string, TopicImage | undefined>()
  readonly #topicsById = new Map<string, TopicImage | undefined>()
  readonly #topicsByKey = new Map<string, TopicImage | undefined>()
  readonly #configs: Record<ConfigKind, Map<string, ConfigValue | undefined>> = {
    topic: new Map(),
    broker: new Map(),
    group: new Map(),
    'client-metrics': new Map(),
  }
  readonly #configRevisions = new Map<string, number | undefined>()
  readonly #deletedTopics = new Map<string, string | undefined>()
  /** Partitions of topics that this step copied, free to be written to. */
  readonly #copied = new Map<string, PartitionImage[]>()

  constructor(before: ClusterImage) {
    this.#before = before
    this.#clusterId = before.clusterId
    this.#producerIds = before.producerIds
  }

  apply(name: KeyName, entry: ChangedEntry): void {
    switch (name.type) {
      case 'cluster':
        this.#clusterId = value<ClusterValue>(entry)?.clusterId ?? ''
        return
      case 'broker':
        this.#brokers.set(name.id, brokerOf(name.id, entry))
        return
      case 'topic':
        this.#topic(name.key, entry)
        return
      case 'partition':
        this.#partition(name.topicId, name.index, entry)
        return
      case 'config':
        this.#config(name.resource, entry)
        return
      case 'producer-ids':
        this.#producerIds = producerIdsOf(entry)
        return
      case 'deleted-topic':
        this.#deletedTopics.set(name.topicId, value<DeletedTopicValue>(entry)?.name)
        return
      case 'unknown':
        return
    }
  }

  finish(revision: number): ClusterImage {
    const before = this.#before
    return {
      revision,
      clusterId: this.#clusterId,
      brokers: withChanges(before.brokers, this.#brokers),
      topics: before.topics.with(this.#topics),
      topicsById: before.topicsById.with(this.#topicsById),
      topicsByKey: before.topicsByKey.with(this.#topicsByKey),
      partitionCount: before.partitionCount + this.#morePartitions(),
      topicConfigs: this.#configsOf('topic'),
      brokerConfigs: this.#configsOf('broker'),
      groupConfigs: this.#configsOf('group'),
      clientMetricsConfigs: this.#configsOf('client-metrics'),
      configRevisions: before.configRevisions.with(this.#configRevisions),
      producerIds: this.#producerIds,
      deletedTopics: before.deletedTopics.with(this.#deletedTopics),
    }
  }

  delta(): ImageDelta {
    return {
      topics: new Set(this.#topics.keys()),
      brokers: new Set(this.#brokers.keys()),
      hasNewConfigs: this.#configRevisions.size > 0,
    }
  }

  #morePartitions(): number {
    let more = 0
    for (const [name, topic] of this.#topics) {
      more += topic?.partitions.length ?? 0
      more -= this.#before.topics.get(name)?.partitions.length ?? 0
    }
    return more
  }

  #topic(key: string, entry: ChangedEntry): void {
    const known = this.#before.topicsByKey.get(key)
    const topic = entry.value === undefined ? undefined : topicOf(entry, known)
    if (known !== undefined && known.id !== topic?.id) {
      this.#topicsById.set(known.id, undefined)
      this.#topics.set(known.name, undefined)
    }
    if (topic === undefined) this.#topicsByKey.set(key, undefined)
    else this.#put(key, topic)
  }

  #put(key: string, topic: TopicImage): void {
    this.#topicsByKey.set(key, topic)
    this.#topicsById.set(topic.id, topic)
    this.#topics.set(topic.name, topic)
  }

  /** A partition whose topic is gone is skipped: its key went, or goes, with the topic. */
  #partition(topicId: string, index: number, entry: ChangedEntry): void {
    const changed = this.#topicsById.has(topicId)
    const topic = (changed ? this.#topicsById : this.#before.topicsById).get(topicId)
    const partition = topic?.partitions[index]
    if (topic === undefined || partition === undefined) return
    let partitions = this.#copied.get(topicId)
    if (partitions === undefined) {
      partitions = [...topic.partitions]
      this.#copied.set(topicId, partitions)
      this.#put(topicKey(topic.name), { ...topic, partitions })
    }
    partitions[index] = partitionOf(partition, entry)
  }

  #config({ kind, name }: ConfigResource, entry: ChangedEntry): void {
    this.#configs[kind].set(name, value<ConfigValue>(entry))
    const revision = entry.value === undefined ? undefined : entry.modRevision
    this.#configRevisions.set(entry.key, revision)
  }

  #configsOf(kind: ConfigKind): ConfigTable {
    return this.#before[configTable[kind]].with(this.#configs[kind])
  }
}

/** The value of an entry that was put; undefined for one that was deleted. */
function value<T>(entry: ChangedEntry): T | undefined {
  // Only brokers write below these keys; `values.ts` states what.
  return entry.value === undefined ? undefined : (JSON.parse(entry.value) as T)
}

function brokerOf(id: number, entry: ChangedEntry): BrokerImage | undefined {
  if (entry.value === undefined) return undefined
  const { rack, endpoints } = JSON.parse(entry.value) as BrokerValue
  return { id, epoch: entry.createRevision, rack, endpoints }
}

function producerIdsOf(entry: ChangedEntry): ClusterImage['producerIds'] {
  const next = value<ProducerIdsValue>(entry)?.next ?? 0
  return { next, modRevision: entry.value === undefined ? 0 : entry.modRevision }
}

/** @param known the topic of that key so far: what it has of the same partitions is kept. */
function topicOf(entry: Entry, known: TopicImage | undefined): TopicImage {
  const { name, id, partitions } = JSON.parse(entry.value) as TopicValue
  const kept = known?.id === id ? known.partitions : []
  assert(kept.length <= partitions.length, `topic ${name} lost partitions`)
  const added = partitions
    .slice(kept.length)
    .map((replicas, i) => newPartition(kept.length + i, replicas))
  const { createRevision, modRevision } = entry
  const internal = isInternalTopic(name)
  return { name, id, internal, partitions: [...kept, ...added], createRevision, modRevision }
}

const NONE: readonly number[] = Object.freeze([])

/** A partition as it is created: all replicas in sync, the first of them leads. */
function newPartition(index: number, replicas: readonly number[]): PartitionImage {
  const leader = replicas[0]
  assert(leader !== undefined, `partition ${index} has no replicas`)
  return {
    index,
    leader,
    leaderEpoch: 0,
    partitionEpoch: 0,
    replicas,
    isr: replicas,
    elr: NONE,
    lastKnownElr: NONE,
    addingReplicas: NONE,
    removingReplicas: NONE,
    revision: 0,
  }
}

/** The partition after its key was put; the key is only ever deleted together with its topic. */
function partitionOf(before: PartitionImage, entry: ChangedEntry): PartitionImage {
  const put = value<PartitionValue>(entry)
  if (put === undefined || entry.value === undefined) return before
  return {
    index: before.index,
    leader: put.leader,
    leaderEpoch: put.leaderEpoch,
    partitionEpoch: put.partitionEpoch,
    replicas: put.replicas ?? before.replicas,
    isr: put.isr,
    elr: put.elr ?? NONE,
    lastKnownElr: put.lastKnownElr ?? NONE,
    addingReplicas: put.addingReplicas ?? NONE,
    removingReplicas: put.removingReplicas ?? NONE,
    revision: entry.modRevision,
  }
}

function withChanges<K, V>(
  map: ReadonlyMap<K, V>,
  changes: ReadonlyMap<K, V | undefined>,
): ReadonlyMap<K, V> {
  if (changes.size === 0) return map
  const changed = new Map(map)
  for (const [key, value] of changes) {
    if (value === undefined) changed.delete(key)
    else changed.set(key, value)
  }
  return changed
}
