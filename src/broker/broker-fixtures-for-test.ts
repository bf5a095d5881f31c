/** Whole brokers inside a test: the real one, on a simulated machine, asked over a simulated network. */
import { optionSetting, serverConfig } from '../config/server-config.ts'
import { collectingLogger } from '../kernel/logger.ts'
import { type SimulatedHost, Simulation } from '../kernel/simulated-environment.ts'
import {
  type Change,
  type Commit,
  type CommitOutcome,
  type Coordination,
  CoordinationError,
  type Snapshot,
} from '../metadata/coordination.ts'
import { MemoryCoordination } from '../metadata/memory-coordination.ts'
import { Requester } from '../network/requester.ts'
import { produce } from '../protocol/api/00-produce.ts'
import { fetch } from '../protocol/api/01-fetch.ts'
import { listOffsets } from '../protocol/api/02-list-offsets.ts'
import { createTopics } from '../protocol/api/19-create-topics.ts'
import { incrementalAlterConfigs } from '../protocol/api/44-incremental-alter-configs.ts'
import { errorName } from '../protocol/errors.ts'
import type { Api, RequestInput, ResponseOf } from '../protocol/schema.ts'
import { forEachBatch } from '../records/batch.ts'
import { BatchBuilder, type BatchOptions } from '../records/builder.ts'
import { recordsOf } from '../records/records.ts'
import { type Broker, startBroker } from './broker.ts'

/** Wall clock of a simulation at its begin, 2026-01-01 00:00 UTC. */
export const T0 = 1_767_225_600_000

const PORT = 9092
/** Topics among the kinds of resource of the configuration APIs. */
const TOPIC_RESOURCE = 2
const REQUEST_TIMEOUT_MS = 600_000
const MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024

export interface TestBrokerOptions {
  readonly seed?: number
  /** Broker settings by key. */
  readonly config?: Readonly<Record<string, string>>
}

/** Settings of one topic, for `createTopic`. */
export interface TestTopic {
  readonly partitions?: number
  readonly config?: Readonly<Record<string, string>>
}

/** A broker through several lives of its machine, and one client of it. The disk is memory; the
 *  metadata survive every kind of end, as those of a cluster do. */
export class TestBroker {
  readonly simulation: Simulation
  readonly host: SimulatedHost
  readonly logger = collectingLogger()
  /** Sentences that `onFatal` was called with. */
  readonly fatal: string[] = []
  readonly #config: Readonly<Record<string, string>>
  #truth: MemoryCoordination
  #session: CoordinationSession | undefined
  #broker: Broker | undefined
  #requester: Requester | undefined

  private constructor(options: TestBrokerOptions) {
    this.#config = options.config ?? {}
    this.simulation = new Simulation(options.seed ?? 1)
    this.host = this.simulation.host('b')
    this.#truth = this.#newTruth()
  }

  /** Starts one on an empty disk. */
  static async start(options: TestBrokerOptions = {}): Promise<TestBroker> {
    const test = new TestBroker(options)
    await test.start()
    return test
  }

  /** Starts it again, with `more` settings for this life. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const settings = { listeners: `PLAINTEXT://:${PORT}`, 'log.dirs': '/data', 'node.id': '1' }
    const all = Object.entries({ ...settings, ...this.#config, ...more })
    this.#session = new CoordinationSession(this.#truth)
    this.#broker = await this.simulation.until(
      startBroker({
        config: serverConfig(all.map(([key, value]) => optionSetting(`${key}=${value}`))),
        environment: this.host.environment(),
        logger: this.logger,
        isMemory: true,
        coordination: this.#session,
        onFatal: (sentence) => this.fatal.push(sentence),
      }),
    )
  }

  get broker(): Broker {
    if (this.#broker === undefined) throw new Error('the broker does not run')
    return this.#broker
  }

  /** Stops it in order. */
  async stop(): Promise<void> {
    const { broker } = this
    this.#broker = undefined
    await this.simulation.until(broker.stop())
    await this.#forgetConnection()
  }

  /** Its machine loses power: unsynced bytes are gone in part. */
  async crash(): Promise<void> {
    this.#broker = undefined
    this.host.crash()
    await this.#session?.close()
    await this.#forgetConnection()
  }

  /** Its process is killed: what it wrote stays. */
  async kill(): Promise<void> {
    this.#broker = undefined
    this.host.kill()
    await this.#session?.close()
    await this.#forgetConnection()
  }

  /** The store of the metadata takes no more changes, but can be read. */
  freezeMetadata(): void {
    this.#truth.commit = () =>
      Promise.reject(new CoordinationError('unreachable', 'the store was frozen'))
  }

  /** The store of the metadata is out of reach from now on. */
  async loseMetadata(): Promise<void> {
    await this.#truth.close()
  }

  /** The next start finds a store with nothing in it. */
  forgetMetadata(): void {
    this.#truth = this.#newTruth()
  }

  /** A connection of its own, from another machine. */
  connect(clientId: string | null = 'test'): Promise<Requester> {
    const environment = this.simulation.host('c').environment()
    const options = { environment, clientId, requestTimeoutMs: REQUEST_TIMEOUT_MS }
    return this.simulation.until(Requester.connect('b', PORT, options))
  }

  /** Asks over the connection that all calls share, in the newest version unless one is named. */
  async ask<A extends Api>(
    api: A,
    request: RequestInput<A>,
    version: number = api.latestStable,
  ): Promise<ResponseOf<A>> {
    if (this.#requester?.isOpen !== true) this.#requester = await this.connect()
    return this.simulation.until(this.#requester.send(api, version, request))
  }

  /** Lets time pass. */
  advance(ms: number): Promise<void> {
    return this.simulation.advance(ms)
  }

  /** @returns the id of the new topic. */
  async createTopic(name: string, { partitions = 1, config = {} }: TestTopic = {}) {
    const configs = Object.entries(config).map(([key, value]) => ({ name: key, value }))
    const topic = {
      name,
      numPartitions: partitions,
      replicationFactor: 1,
      assignments: [],
      configs,
    }
    const { topics } = await this.ask(createTopics, { topics: [topic] })
    const [created] = topics
    if (created?.errorCode !== 0) {
      throw new Error(`${name}: ${errorName(created?.errorCode ?? -1)} ${created?.errorMessage}`)
    }
    return created.topicId
  }

  /** Sets settings of a topic while it runs. */
  async alterTopic(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const configs = Object.entries(config).map(([key, value]) => {
      return { name: key, configOperation: 0, value }
    })
    const resources = [{ resourceType: TOPIC_RESOURCE, resourceName: name, configs }]
    const { responses } = await this.ask(incrementalAlterConfigs, {
      resources,
      validateOnly: false,
    })
    const [altered] = responses
    if (altered?.errorCode !== 0) throw new Error(`${name}: ${altered?.errorMessage}`)
  }

  /** Appends one batch of these values. @returns the answer for its partition. */
  async produce(
    topic: string,
    values: readonly string[],
    { partition = 0, acks = -1, ...batch }: ProduceOptions = {},
  ) {
    const records = batchOf(values, batch)
    const partitionData = [{ index: partition, records }]
    const request = { acks, timeoutMs: 30_000, topicData: [{ name: topic, partitionData }] }
    const { responses } = await this.ask(produce, request, NAMED_PRODUCE_VERSION)
    return responses[0]!.partitionResponses[0]!
  }

  /** One fetch of one partition, without a session. */
  async fetch(topic: string, fetchOffset: number, options: FetchOptions = {}) {
    const request = fetchRequest(topic, fetchOffset, options)
    const { responses } = await this.ask(fetch, request, NAMED_FETCH_VERSION)
    return responses[0]!.partitions[0]!
  }

  /** What ListOffsets says of one timestamp. */
  async listOffset(topic: string, timestamp: number, partitionIndex = 0) {
    const partitions = [{ partitionIndex, timestamp }]
    const topics = [{ name: topic, partitions }]
    const answer = await this.ask(listOffsets, { replicaId: -1, topics })
    return answer.topics[0]!.partitions[0]!
  }

  #newTruth(): MemoryCoordination {
    const clock = this.simulation.clock(() => 0)
    return new MemoryCoordination({ clock, timers: this.simulation.timers(() => true) })
  }

  async #forgetConnection(): Promise<void> {
    this.#requester?.close()
    this.#requester = undefined
    await this.simulation.advance(10)
  }
}

/** The newest versions that name topics by name. */
export const NAMED_PRODUCE_VERSION = 12
export const NAMED_FETCH_VERSION = 12

export interface ProduceOptions extends TestBatchOptions {
  readonly partition?: number
  readonly acks?: number
}

export interface FetchOptions {
  readonly partition?: number
  readonly maxWaitMs?: number
  readonly minBytes?: number
  readonly maxBytes?: number
  readonly partitionMaxBytes?: number
  readonly currentLeaderEpoch?: number
  readonly lastFetchedEpoch?: number
  readonly isolationLevel?: number
}

/** A fetch of one partition without a session. */
export function fetchRequest(
  topic: string,
  fetchOffset: number,
  { partition = 0, ...options }: FetchOptions = {},
): RequestInput<typeof fetch> {
  const { partitionMaxBytes = 1_048_576, currentLeaderEpoch, lastFetchedEpoch, ...rest } = options
  const wanted = { partition, fetchOffset, partitionMaxBytes }
  const epochs = {
    ...(currentLeaderEpoch !== undefined && { currentLeaderEpoch }),
    ...(lastFetchedEpoch !== undefined && { lastFetchedEpoch }),
  }
  const topics = [{ topic, partitions: [{ ...wanted, ...epochs }] }]
  return { maxWaitMs: 0, minBytes: 1, ...rest, topics }
}

export interface TestBatchOptions extends BatchOptions {
  readonly timestamp?: number
  readonly key?: string
}

/** A batch of records with these values, as a producer sends it. */
export function batchOf(
  values: readonly string[],
  { timestamp = T0, key, ...options }: TestBatchOptions = {},
): Uint8Array {
  const builder = new BatchBuilder(options)
  for (const value of values)
    builder.append({ value, timestamp, ...(key !== undefined && { key }) })
  return builder.build()
}

/** Offset and value of every record in consecutive batches. */
export function recordsIn(bytes: Uint8Array | null): { offset: number; value: string }[] {
  const records: { offset: number; value: string }[] = []
  forEachBatch(bytes ?? new Uint8Array(0), (at) => {
    for (const { offset, value } of recordsOf(bytes!, at, MAX_DECOMPRESSED_BYTES)) {
      records.push({ offset, value: Buffer.from(value ?? []).toString() })
    }
  })
  return records
}

/** One broker's use of a store that outlives it: closing it ends what the broker had of it. */
class CoordinationSession implements Coordination {
  readonly #truth: MemoryCoordination
  readonly #leases: string[] = []
  readonly #over = new AbortController()

  constructor(truth: MemoryCoordination) {
    this.#truth = truth
  }

  get limits() {
    return this.#truth.limits
  }

  async read(prefix: string): Promise<Snapshot> {
    this.#assertOpen()
    return this.#truth.read(prefix)
  }

  async commit(commit: Commit): Promise<CommitOutcome> {
    this.#assertOpen()
    return this.#truth.commit(commit)
  }

  watch(prefix: string, revision: number, signal: AbortSignal): AsyncIterable<Change> {
    this.#assertOpen()
    return this.#truth.watch(prefix, revision, AbortSignal.any([signal, this.#over.signal]))
  }

  async grantLease(ttlMs: number): Promise<string> {
    this.#assertOpen()
    const leaseId = await this.#truth.grantLease(ttlMs)
    this.#leases.push(leaseId)
    return leaseId
  }

  async keepAlive(leaseId: string): Promise<void> {
    this.#assertOpen()
    return this.#truth.keepAlive(leaseId)
  }

  async revokeLease(leaseId: string): Promise<void> {
    this.#assertOpen()
    return this.#truth.revokeLease(leaseId)
  }

  async close(): Promise<void> {
    this.#over.abort()
    for (const leaseId of this.#leases.splice(0)) await this.#truth.revokeLease(leaseId)
  }

  #assertOpen(): void {
    if (this.#over.signal.aborted) throw new CoordinationError('closed', 'the session is over')
  }
}
