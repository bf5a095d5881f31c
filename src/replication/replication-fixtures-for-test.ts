/** For the tests of this folder and of what reads from partitions: partitions on a simulated machine,
 *  with real logs below them. */
import { brokerConfigs, effectiveTopicConfig, type Overrides } from '../config/dynamic.ts'
import { serverConfig } from '../config/server-config.ts'
import type { Environment } from '../kernel/environment.ts'
import { collectingLogger } from '../kernel/logger.ts'
import { type SimulatedHost, Simulation } from '../kernel/simulated-environment.ts'
import { LogManager } from '../log/log-manager.ts'
import type { ClusterImage, PartitionImage, TopicImage } from '../metadata/image.ts'
import { EMPTY_IMAGE } from '../metadata/image.ts'
import * as batch from '../records/batch.ts'
import { BatchBuilder, type BatchOptions } from '../records/builder.ts'
import type { Prepared } from '../records/validate.ts'
import type { AppendOutcome, Partition } from './partition.ts'
import { Partitions, type PartitionsOptions } from './partitions.ts'

export const NODE_ID = 1
/** The id of the topic `t`, unless a test says otherwise. */
export const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAZQ'

/** One broker's partitions, as far as they can be had without a broker. */
export class TestPartitions {
  readonly simulation: Simulation
  readonly host: SimulatedHost
  readonly environment: Environment
  readonly logger = collectingLogger()
  readonly partitions: Partitions
  readonly logs: LogManager
  /** Settings of every topic; may be changed at any time. */
  overrides: Overrides = {}
  minIsr = 1
  /** What becomes of a batch before it is appended. */
  prepare: PartitionsOptions['prepare'] = (_topic, bytes) => prepared(bytes)

  private constructor(host: SimulatedHost, simulation: Simulation, logs: LogManager) {
    this.simulation = simulation
    this.host = host
    this.environment = host.environment()
    this.logs = logs
    this.partitions = new Partitions({
      nodeId: NODE_ID,
      environment: this.environment,
      logger: this.logger,
      logs,
      prepare: (...batch) => this.prepare(...batch),
      minIsr: () => this.minIsr,
    })
  }

  static async open(): Promise<TestPartitions> {
    const simulation = new Simulation(1)
    const host = simulation.host('b')
    const configs = brokerConfigs(serverConfig([]))
    const local: { test?: TestPartitions } = {}
    const logs = await simulation.until(
      LogManager.open({
        logDirs: ['/data'],
        nodeId: NODE_ID,
        environment: host.environment(),
        logger: collectingLogger(),
        config: () => configs.current,
        topicConfig: () => effectiveTopicConfig(configs, local.test?.overrides ?? {}),
      }),
    )
    const test = new TestPartitions(host, simulation, logs)
    local.test = test
    return test
  }

  /** Makes the metadata say that these are all the topics there are. */
  async apply(...topics: readonly TopicImage[]): Promise<void> {
    const image = imageOf(topics)
    const names = new Set(topics.map(({ name }) => name))
    for (const { topic } of this.partitions) names.add(topic)
    await this.simulation.until(this.partitions.apply(image, names))
  }

  /** Partition 0 of the topic `t`, made if need be. */
  async partition(state: Partial<PartitionImage> = {}): Promise<Partition> {
    await this.apply(topicOf('t', [state]))
    return this.partitions.byName('t', 0)
  }

  /** Appends one batch and lets time pass until it is acknowledged. */
  append(partition: Partition, values: readonly string[], acks = -1): Promise<AppendOutcome> {
    return this.settle(partition.append(batchOf(values), acks, 30_000))
  }

  settle<T>(promise: T | Promise<T>): Promise<T> {
    return this.simulation.until(Promise.resolve(promise))
  }

  /** Lets the turn end: what was appended is written. */
  turn(): Promise<void> {
    return this.simulation.advance(0)
  }
}

/** A topic with one partition for each state, all on this broker unless the state says otherwise. */
export function topicOf(
  name: string,
  states: readonly Partial<PartitionImage>[] = [{}],
  id = TOPIC_ID,
): TopicImage {
  const partitions = states.map((state, index) => ({ ...PARTITION, index, ...state }))
  return { name, id, internal: false, partitions, createRevision: 1, modRevision: 1 }
}

const PARTITION: Omit<PartitionImage, 'index'> = {
  leader: NODE_ID,
  leaderEpoch: 0,
  partitionEpoch: 0,
  replicas: [NODE_ID],
  isr: [NODE_ID],
  elr: [],
  lastKnownElr: [],
  addingReplicas: [],
  removingReplicas: [],
  revision: 0,
}

function imageOf(topics: readonly TopicImage[]): ClusterImage {
  const byName = new Map(topics.map((topic) => [topic.name, topic]))
  return { ...EMPTY_IMAGE, topics: EMPTY_IMAGE.topics.with(byName) }
}

/** A batch of records with these values, as a producer sends it. */
export function batchOf(
  values: readonly string[],
  { timestamp = 0, ...options }: BatchOptions & { readonly timestamp?: number } = {},
): Uint8Array {
  const builder = new BatchBuilder(options)
  for (const value of values) builder.append({ value, timestamp })
  return builder.build()
}

/** What the check of a batch that needs no change makes of it. */
export function prepared(bytes: Uint8Array): Prepared {
  return {
    bytes,
    logAppendTimeMs: -1,
    maxTimestamp: batch.maxTimestamp(bytes),
    offsetOfMaxTimestamp: batch.lastOffsetDelta(bytes),
    recordCount: batch.recordCount(bytes),
    producerId: batch.producerId(bytes),
    producerEpoch: batch.producerEpoch(bytes),
    baseSequence: batch.baseSequence(bytes),
    isTransactional: batch.isTransactional(bytes),
  }
}
