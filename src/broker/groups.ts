import type { RuntimeSettings } from '../coordinator/runtime.ts'
import { CoordinatorRuntime } from '../coordinator/runtime.ts'
import type { GroupAnswers, GroupEvent } from '../group/events.ts'
import type { GroupRecord } from '../group/records.ts'
import { GroupShard } from '../group/shard.ts'
import type { GroupNote, GroupWorld } from '../group/world.ts'
import type { Environment } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { CONSUMER_OFFSETS } from '../metadata/internal-topics.ts'
import type { MetadataStore } from '../metadata/metadata-store.ts'
import { compressionName } from '../records/compression/compression.ts'
import type { Partitions } from '../replication/partitions.ts'
import { ConsumerOffsetsTopic } from './consumer-offsets-topic.ts'
import type { Settings } from './settings.ts'

/** What a request wants to know of the groups of one partition. Pure: nothing may be changed. */
export type ReadGroups<T> = (shard: GroupShard, world: GroupWorld) => T

export interface GroupsOptions {
  readonly environment: Environment
  readonly logger: Logger
  readonly metadata: MetadataStore
  readonly partitions: Partitions
  readonly settings: Settings
}

/** The groups that this broker coordinates: those of the partitions of `__consumer_offsets` it leads. */
export class Groups {
  readonly #options: GroupsOptions
  readonly #topic: ConsumerOffsetsTopic
  readonly #runtime: CoordinatorRuntime<GroupRecord, GroupNote, GroupEvent, GroupWorld, GroupShard>
  readonly #unlisten: () => void

  /** Takes up the partitions that are there, and from now on those that come. */
  constructor(options: GroupsOptions) {
    this.#options = options
    const { environment, logger, metadata, partitions, settings } = options
    this.#topic = new ConsumerOffsetsTopic(options)
    this.#runtime = new CoordinatorRuntime({
      environment,
      logger,
      partition: (index) => partitions.find(CONSUMER_OFFSETS, index),
      partitionCount: () => this.#topic.partitionCount,
      newMachine: () => new GroupShard(),
      world: () => this.#world(),
      settings: () => runtimeSettings(settings),
      isDivisible: ({ type }) => divisible.has(type),
    })
    this.#runtime.update()
    this.#unlisten = metadata.onChange(({ topics }) => {
      if (topics.size === 0) return
      this.#runtime.happened({ type: 'topics-changed', topics })
      if (topics.has(CONSUMER_OFFSETS)) void partitions.applied().then(() => this.#runtime.update())
    })
  }

  /**
   * The broker that coordinates a group. Makes `__consumer_offsets` when it is not there yet.
   * @throws KafkaError (rejects) COORDINATOR_NOT_AVAILABLE when it cannot be made.
   */
  async coordinatorOf(groupId: string): Promise<number> {
    if (await this.#topic.ensure()) {
      await this.#options.partitions.applied()
      await this.#runtime.loaded()
    }
    return this.#topic.leaderOf(this.#runtime.partitionOf(groupId))
  }

  /**
   * Lets the group's machine decide an event and gives its answer, once all it rests on is committed.
   * @throws KafkaError (rejects) whatever the machine refuses with, and as `CoordinatorRuntime.submit`.
   */
  async submit<T extends keyof GroupAnswers>(
    groupId: string,
    event: GroupEvent & { readonly type: T },
  ): Promise<GroupAnswers[T]> {
    const answer = await this.#runtime.submit(this.#runtime.partitionOf(groupId), event)
    // The machine answers each event with the answer of its type: `GroupAnswers` is that contract.
    return answer as GroupAnswers[T]
  }

  /** Looks at the partition that a group belongs to. What was found is given once it is committed.
   *  @throws KafkaError (rejects) as `CoordinatorRuntime.submit`. */
  query<T>(groupId: string, read: ReadGroups<T>): Promise<T> {
    return this.#runtime.query(this.#runtime.partitionOf(groupId), read)
  }

  /** Looks at every partition that is loaded. Those of other brokers, and those that could not be
   *  loaded, are left out. @throws KafkaError (rejects) COORDINATOR_LOAD_IN_PROGRESS while one is. */
  queryAll<T>(read: ReadGroups<T>): Promise<readonly T[]> {
    return this.#runtime.queryAll(read)
  }

  /** The partition of `__consumer_offsets` that a group belongs to. */
  partitionOf(groupId: string): number {
    return this.#runtime.partitionOf(groupId)
  }

  /** Refuses who waits for others, answers who waits for the disk, and lets go of all partitions. */
  async close(): Promise<void> {
    this.#unlisten()
    await this.#runtime.close()
  }

  #world(): GroupWorld {
    const { environment, metadata, settings } = this.#options
    return {
      nowMs: environment.clock.now(),
      monotonicMs: environment.clock.monotonic(),
      image: metadata.image,
      broker: settings.broker,
      groupConfig: (groupId) => settings.group(groupId),
    }
  }
}

/** Events that only end things: each tombstone is right without the others, a group's own comes after
 *  those of its offsets. */
const divisible: ReadonlySet<GroupEvent['type']> = new Set([
  'delete-group',
  'expire',
  'topics-changed',
])

/** What is set for the coordinator, and for its topic. */
function runtimeSettings(settings: Settings): RuntimeSettings {
  const { broker } = settings
  const topic = settings.topic(CONSUMER_OFFSETS)
  const codec = topic['compression.type']
  return {
    lingerMs: broker['group.coordinator.append.linger.ms'],
    commitTimeoutMs: broker['offsets.commit.timeout.ms'],
    loadBufferBytes: broker['offsets.load.buffer.size'],
    maxBatchBytes: Math.min(topic['max.message.bytes'], topic['segment.bytes']),
    cachedBufferMaxBytes: broker['group.coordinator.cached.buffer.max.bytes'],
    maxDecompressedBytes: broker['socket.request.max.bytes'],
    compression:
      codec === 'producer'
        ? compressionName(broker['offsets.topic.compression.codec'])
        : codec === 'uncompressed'
          ? 'none'
          : codec,
    timestampType: topic['message.timestamp.type'],
  }
}
