import type { Environment } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { inParallel } from '../log/in-parallel.ts'
import type { LogManager } from '../log/log-manager.ts'
import type { ClusterImage, PartitionImage, TopicImage } from '../metadata/image.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { Prepared } from '../records/validate.ts'
import { Partition } from './partition.ts'

export interface PartitionsOptions {
  readonly nodeId: number
  readonly environment: Environment
  readonly logger: Logger
  readonly logs: LogManager
  /** Checks and converts a batch as the topic's settings ask now. */
  readonly prepare: (
    topic: string,
    records: Uint8Array,
    nowMs: number,
  ) => Prepared | Promise<Prepared>
  /** `min.insync.replicas` of a topic now. */
  readonly minIsr: (topic: string) => number
}

/** New logs of one topic that are made at the same time: they share syncs. */
const LOGS_AT_ONCE = 32

/** Partitions of one topic that this broker holds, by index. */
interface LocalTopic {
  readonly name: string
  readonly id: string
  readonly partitionCount: number
  readonly partitions: ReadonlyMap<number, Partition>
}

/**
 * The partitions that live on this broker, as the cluster's metadata says. Changes of the metadata are
 * carried out one after the other, each to its end.
 */
export class Partitions {
  readonly #options: PartitionsOptions
  readonly #byName = new Map<string, LocalTopic>()
  readonly #byId = new Map<string, LocalTopic>()
  #applying: Promise<void> = Promise.resolve()
  #hasApplied = false

  constructor(options: PartitionsOptions) {
    this.#options = options
  }

  /** Every partition that is here. */
  *[Symbol.iterator](): Iterator<Partition> {
    for (const topic of this.#byName.values()) yield* topic.partitions.values()
  }

  /** undefined when it is not on this broker. */
  find(topic: string, index: number): Partition | undefined {
    return this.#byName.get(topic)?.partitions.get(index)
  }

  /** @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER when it lives elsewhere. */
  byName(topic: string, index: number): Partition {
    const local = this.#byName.get(topic)
    if (local === undefined) {
      throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${topic}`)
    }
    return this.#within(local, index)
  }

  /** @throws KafkaError UNKNOWN_TOPIC_ID, and as `byName`. */
  byId(topicId: string, index: number): Partition {
    const local = this.#byId.get(topicId)
    if (local === undefined) {
      throw new KafkaError('UNKNOWN_TOPIC_ID', `there is no topic with id ${topicId}`)
    }
    return this.#within(local, index)
  }

  /** The name behind a topic id, undefined when it is not known here. */
  nameOf(topicId: string): string | undefined {
    return this.#byId.get(topicId)?.name
  }

  /**
   * Carries out what changed: opens and makes logs, takes over leaders and epochs, takes deleted
   * partitions off. Resolves when all of it is done.
   * @param changed names of the topics that differ from the image applied before; the first time those
   *   that are there already. Of these a log may lie in a directory that is offline now.
   */
  apply(image: ClusterImage, changed: Iterable<string>): Promise<void> {
    const names = [...changed]
    const areNew = this.#hasApplied
    this.#hasApplied = true
    this.#applying = this.#applying.then(async () => {
      for (const name of names) await this.#applyTopic(name, image.topics.get(name), areNew)
    })
    return this.#applying
  }

  /** Resolves when every change given so far has been carried out. */
  applied(): Promise<void> {
    return this.#applying
  }

  /** Tells everybody who waits that the broker goes. The logs are the log manager's to close. */
  close(): void {
    const error = new KafkaError('NOT_LEADER_OR_FOLLOWER', 'this broker is shutting down')
    for (const partition of this) partition.close(error)
  }

  #within(local: LocalTopic, index: number): Partition {
    const partition = local.partitions.get(index)
    if (partition !== undefined) return partition
    const isKnown = index >= 0 && index < local.partitionCount
    throw new KafkaError(
      isKnown ? 'NOT_LEADER_OR_FOLLOWER' : 'UNKNOWN_TOPIC_OR_PARTITION',
      isKnown
        ? `${local.name}-${index} is not on broker ${this.#options.nodeId}`
        : `${local.name} has ${local.partitionCount} partitions, there is no ${index}`,
    )
  }

  /** @param areNew partitions that are not known yet have never been on this broker. */
  async #applyTopic(name: string, topic: TopicImage | undefined, areNew: boolean): Promise<void> {
    const known = this.#byName.get(name)
    if (known !== undefined && known.id !== topic?.id) {
      this.#byName.delete(name)
      this.#byId.delete(known.id)
      for (const partition of known.partitions.values()) await this.#remove(partition)
    }
    if (topic === undefined) return
    const before = this.#byName.get(name)?.partitions ?? new Map<number, Partition>()
    const here = topic.partitions.filter(({ replicas }) => replicas.includes(this.#options.nodeId))
    for (const image of here) before.get(image.index)?.become(image)
    const missing = here.filter(({ index }) => !before.has(index))
    const added = new Map<number, Partition>()
    await inParallel(missing, LOGS_AT_ONCE, async (image) => {
      added.set(image.index, await this.#add(topic, image, areNew))
    })
    const partitions = new Map(
      here.map(({ index }) => [index, before.get(index) ?? added.get(index)!]),
    )
    for (const [index, partition] of before) {
      if (!partitions.has(index)) await this.#remove(partition)
    }
    const partitionCount = topic.partitions.length
    const local: LocalTopic = { name, id: topic.id, partitionCount, partitions }
    this.#byName.set(name, local)
    this.#byId.set(topic.id, local)
  }

  async #add(topic: TopicImage, image: PartitionImage, isNew: boolean): Promise<Partition> {
    const { environment, logs, minIsr, nodeId, prepare } = this.#options
    const partition = new Partition(
      {
        topic: topic.name,
        topicId: topic.id,
        index: image.index,
        nodeId,
        environment,
        prepare: (records, nowMs) => prepare(topic.name, records, nowMs),
        minIsr: () => minIsr(topic.name),
        onHighWatermark: () => logs.highWatermarkMoved(),
        onLogStart: () => logs.logStartMoved(),
      },
      image,
    )
    try {
      const hosted = await logs.getOrCreate(topic.name, image.index, topic.id, isNew)
      hosted.listen({
        written: (endOffset) => partition.written(endOffset),
        failed: (error) => partition.failed(error),
      })
      await hosted.log.flushIfOwed()
      partition.attach(hosted.log, logs.checkpointedHighWatermark(topic.name, image.index))
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      partition.failed(error)
      this.#options.logger.error({ partition: partition.name, error }, 'A partition has no log.')
    }
    return partition
  }

  async #remove(partition: Partition): Promise<void> {
    const { logger, logs } = this.#options
    partition.close(
      new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `${partition.name} has been deleted`),
    )
    try {
      await logs.asyncDelete(partition.topic, partition.index)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      logger.error({ partition: partition.name, error }, 'A deleted partition keeps its files.')
    }
  }
}
