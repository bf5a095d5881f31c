import { decideCreateTopics } from '../controller/create-topics.ts'
import type { Environment } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import type { ClusterImage } from '../metadata/image.ts'
import { CONSUMER_OFFSETS } from '../metadata/internal-topics.ts'
import type { MetadataStore } from '../metadata/metadata-store.ts'
import { KafkaError } from '../protocol/errors.ts'
import { creationRules } from './creation-rules.ts'
import type { Settings } from './settings.ts'

export interface ConsumerOffsetsTopicOptions {
  readonly metadata: MetadataStore
  readonly settings: Settings
  readonly environment: Environment
  readonly logger: Logger
}

/** `__consumer_offsets`, made when the first client looks for the coordinator of a group. */
export class ConsumerOffsetsTopic {
  readonly #options: ConsumerOffsetsTopicOptions
  #making: Promise<void> | undefined

  constructor(options: ConsumerOffsetsTopicOptions) {
    this.#options = options
  }

  /** Partitions it has, or will have. */
  get partitionCount(): number {
    const { metadata, settings } = this.#options
    const topic = metadata.image.topics.get(CONSUMER_OFFSETS)
    return topic?.partitions.length ?? settings.broker['offsets.topic.num.partitions']
  }

  /** The broker that leads a partition, -1 for none. */
  leaderOf(partition: number): number {
    const topic = this.#options.metadata.image.topics.get(CONSUMER_OFFSETS)
    return topic?.partitions[partition]?.leader ?? -1
  }

  /** Resolves when the topic is there, with whether it was made for it. All who ask meanwhile wait for
   *  the same attempt. @throws KafkaError (rejects) COORDINATOR_NOT_AVAILABLE when it cannot be made. */
  async ensure(): Promise<boolean> {
    if (this.#options.metadata.image.topics.has(CONSUMER_OFFSETS)) return false
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined
    })
    await this.#making
    return true
  }

  async #make(): Promise<void> {
    const { environment, logger, metadata, settings } = this.#options
    const rules = creationRules(settings, environment)
    try {
      const created = await metadata.commit((image) =>
        decideCreateTopics(image, { topics: [this.#topic(image)], validateOnly: false }, rules),
      )
      const { error, message } = created[0]!
      if (error === 'NONE' || error === 'TOPIC_ALREADY_EXISTS') return
      throw new KafkaError(error, message ?? undefined)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      logger.error({ error }, `${CONSUMER_OFFSETS} cannot be made; there are no consumer groups.`)
      const detail = `${CONSUMER_OFFSETS} cannot be made: ${error.message}`
      throw new KafkaError('COORDINATOR_NOT_AVAILABLE', detail, { cause: error })
    }
  }

  /** Kafka's settings. It asks for `offsets.topic.replication.factor` brokers and waits for them; here
   *  the brokers there are have to do, so that one broker with Kafka's defaults serves groups. */
  #topic({ brokers }: ClusterImage) {
    const { broker } = this.#options.settings
    return {
      name: CONSUMER_OFFSETS,
      numPartitions: broker['offsets.topic.num.partitions'],
      replicationFactor: Math.min(broker['offsets.topic.replication.factor'], brokers.size),
      assignments: [],
      configs: [
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'compression.type', value: 'producer' },
        { name: 'segment.bytes', value: String(broker['offsets.topic.segment.bytes']) },
      ],
    }
  }
}
