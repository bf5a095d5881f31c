/** The broker: all parts wired together, and the requests it answers. */
import path from 'node:path'
import type { ServerConfig } from '../config/server-config.ts'
import type { Environment } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { LogDirectoryError } from '../log/log-directory-error.ts'
import { LogManager, type OfflineDirectory } from '../log/log-manager.ts'
import { TailCache } from '../log/tail-cache.ts'
import { type Coordination, CoordinationError } from '../metadata/coordination.ts'
import { MemoryCoordination } from '../metadata/memory-coordination.ts'
import { MetadataStore } from '../metadata/metadata-store.ts'
import { networkLimits } from '../network/limits.ts'
import { NetworkServer } from '../network/server.ts'
import { KafkaError } from '../protocol/errors.ts'
import { prepareAppend } from '../records/validate.ts'
import { Partitions } from '../replication/partitions.ts'
import { AutoCreation } from './auto-creation.ts'
import { endpointsFor } from './endpoints.ts'
import { FetchSessions } from './fetch/fetch-sessions.ts'
import { ParkedFetches } from './fetch/parked-fetches.ts'
import { Groups } from './groups.ts'
import { fatesIn, forgetDeleted, joinCluster, openEmbedded } from './join-cluster.ts'
import { Pipeline } from './pipeline.ts'
import { ProducerIds } from './producer-ids.ts'
import { servedApis } from './registry.ts'
import type { BrokerServices } from './services.ts'
import { Settings } from './settings.ts'
import { StartError } from './start-error.ts'

export interface BrokerOptions {
  readonly config: ServerConfig
  readonly environment: Environment
  readonly logger: Logger
  /** The environment's disk is memory, and so is everything else. */
  readonly isMemory: boolean
  /** The shared truth to take part in, closed when the broker stops. Absent: one of its own, in its
   *  first log directory or in memory. */
  readonly coordination?: Coordination
  /** Called once when the broker cannot go on, with a sentence that says why. It has stopped by then. */
  readonly onFatal: (sentence: string) => void
}

/** A session that nobody used for so long makes room for any other; Kafka's constant. */
const SESSION_EVICTION_MS = 120_000
/** How long a stop waits for requests in work. */
const STOP_GRACE_MS = 5_000

/** A broker that runs. */
export interface Broker {
  readonly nodeId: number
  readonly clusterId: string
  /** Absolute. */
  readonly logDirs: readonly string[]
  /** Where it listens, ports as bound. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[]
  /** Answers what is in work, writes and syncs everything, and gives the directories back. */
  stop(): Promise<void>
}

/**
 * Starts a broker and resolves once it answers.
 * @throws StartError, ConfigError: it cannot start as it was asked to.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  reportConfig(options.config, options.logger)
  const assembly = new Assembly(options)
  try {
    return await assembly.start()
  } catch (error) {
    await assembly.undo()
    const isOfStore = error instanceof CoordinationError || error instanceof KafkaError
    if (error instanceof LogDirectoryError || isOfStore) {
      throw new StartError(error.message, { cause: error })
    }
    throw error
  }
}

/** Names settings that have no effect: once each for what is not needed and what is not known. */
function reportConfig(config: ServerConfig, logger: Logger): void {
  if (config.notNeeded.length > 0) {
    logger.info(
      { keys: config.notNeeded.join(', ') },
      'Settings for KRaft, ZooKeeper or the JVM are not needed here and have no effect.',
    )
  }
  for (const { key, from, nearest } of config.unknown) {
    const hint = nearest === undefined ? '' : ` Is ${nearest} meant?`
    logger.warn({ key, from }, `No setting has this name; it has no effect.${hint}`)
  }
}

/** Parts that are there before the network is. */
type ServedParts = Pick<BrokerServices, 'logs' | 'partitions' | 'groups'>

/** The parts of one broker, put together in the order in which each needs those before it, and taken
 *  apart in the reverse order. */
class Assembly {
  readonly #options: BrokerOptions
  readonly #settings: Settings
  readonly #parkedFetches = new ParkedFetches()
  /** How to undo what was done so far, in order. */
  readonly #undo: (() => Promise<void>)[] = []
  #partitions: Partitions | undefined
  /** Of its registration; undefined before. */
  #epoch: number | undefined
  #running: Broker | undefined
  /** Why it cannot go on. */
  #fault: string | undefined

  constructor(options: BrokerOptions) {
    this.#options = options
    this.#settings = new Settings(options.config)
  }

  async start(): Promise<Broker> {
    const { config, environment, logger } = this.#options
    const logDirs = config.logDirs.map((directory) => path.resolve(directory))
    const logs = this.#takeLogDirectories(logDirs)
    const store = await this.#openMetadata(logDirs[0]!)
    this.#settings.update(store.image)
    await logs.load(fatesIn(store.image, config.values['node.id']))
    await joinCluster({ store, logs, config, environment, logger })
    this.#epoch = store.image.brokers.get(config.values['node.id'])?.epoch
    const partitions = await this.#openPartitions(store, logs)
    const groups = this.#openGroups(store, partitions)
    const server = await this.#listen(store, { logs, partitions, groups })
    if (this.#fault !== undefined) throw new StartError(this.#fault)
    this.#running = {
      nodeId: config.values['node.id'],
      clusterId: logs.clusterId,
      logDirs,
      addresses: server.listeners.map(({ host, port }) => ({ host: host || '0.0.0.0', port })),
      stop: () => this.undo(),
    }
    return this.#running
  }

  /** Ends every part that was started. Does nothing the second time. */
  async undo(): Promise<void> {
    for (let step = this.#undo.pop(); step !== undefined; step = this.#undo.pop()) await step()
  }

  #takeLogDirectories(logDirs: readonly string[]): LogManager {
    const { config, environment, logger } = this.#options
    const settings = this.#settings
    const logs = LogManager.take({
      logDirs,
      nodeId: config.values['node.id'],
      environment,
      logger,
      config: () => settings.broker,
      topicConfig: (topic) => settings.topic(topic),
      tailCache: new TailCache(settings.broker['moldau.tail.cache.bytes']),
      highWatermark: (topic, partition) => this.#partitions?.find(topic, partition)?.highWatermark,
      onOffline: (offline) => this.#offline(offline),
    })
    // A start that fails before the cluster was told of an unclean stop must not look like a clean one.
    this.#undo.push(() => (this.#epoch === undefined ? logs.abandon() : logs.close(this.#epoch)))
    return logs
  }

  async #openMetadata(directory: string): Promise<MetadataStore> {
    const { environment, logger, isMemory, coordination: given } = this.#options
    const own = () =>
      isMemory ? new MemoryCoordination(environment) : openEmbedded(environment, logger, directory)
    const coordination = given ?? (await own())
    this.#undo.push(() => coordination.close())
    const store = await MetadataStore.open(coordination, environment, logger)
    this.#undo.push(() => store.close())
    return store
  }

  async #openPartitions(store: MetadataStore, logs: LogManager): Promise<Partitions> {
    const { config, environment, logger } = this.#options
    const settings = this.#settings
    const partitions = new Partitions({
      nodeId: config.values['node.id'],
      environment,
      logger,
      logs,
      prepare: (topic, records, nowMs) => prepareAppend(records, settings.rules(topic), nowMs),
      minIsr: (topic) => settings.topic(topic)['min.insync.replicas'],
    })
    this.#partitions = partitions
    settings.update(store.image)
    await partitions.apply(store.image, store.image.topics.keys())
    const unlisten = store.onChange(({ image, previous, topics }) => {
      settings.update(image)
      const applied = partitions.apply(image, topics)
      if (image.deletedTopics === previous.deletedTopics) return
      void applied.then(() => this.#forgetDeleted(store, logs))
    })
    this.#undo.push(async () => {
      unlisten()
      await partitions.applied()
      partitions.close()
    })
    return partitions
  }

  #openGroups(metadata: MetadataStore, partitions: Partitions): Groups {
    const { environment, logger } = this.#options
    const settings = this.#settings
    const groups = new Groups({ environment, logger, metadata, partitions, settings })
    this.#undo.push(() => groups.close())
    return groups
  }

  async #listen(store: MetadataStore, parts: ServedParts): Promise<NetworkServer> {
    const { config, environment, logger } = this.#options
    const settings = this.#settings
    const pipeline = new Pipeline(this.#services(store, parts), servedApis)
    const server = new NetworkServer({
      environment,
      logger,
      listeners: config.listeners.bound,
      backlog: settings.broker['socket.listen.backlog.size'],
      limits: networkLimits(settings.broker),
      handle: (frame, connection, respond) => pipeline.handle(frame, connection, respond),
    })
    try {
      await server.open()
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error)
      throw new StartError(sentence, { cause: error })
    }
    store.onChange(({ hasNewConfigs }) => {
      if (hasNewConfigs) server.limits = networkLimits(settings.broker)
    })
    this.#undo.push(async () => {
      // What is in work is answered while its partitions are still there; who waits for news or for
      // other members does not wait longer.
      const closed = server.close(STOP_GRACE_MS)
      this.#parkedFetches.end()
      await parts.groups.close()
      await closed
    })
    return server
  }

  #services(store: MetadataStore, parts: ServedParts): BrokerServices {
    const { config, environment, logger } = this.#options
    const settings = this.#settings
    const nodeId = config.values['node.id']
    return {
      nodeId,
      environment,
      logger,
      metadata: store,
      ...parts,
      settings,
      served: servedApis.ranges,
      fetchSessions: new FetchSessions({
        maxSessions: () => settings.broker['max.incremental.fetch.session.cache.slots'],
        evictionMs: SESSION_EVICTION_MS,
        below: (limit) => environment.random.below(limit),
      }),
      parkedFetches: this.#parkedFetches,
      producerIds: new ProducerIds(store),
      autoCreation: new AutoCreation(store, settings, environment),
      endpoints: (connection) => endpointsFor(store.image, nodeId, config, connection),
    }
  }

  async #forgetDeleted(store: MetadataStore, logs: LogManager): Promise<void> {
    try {
      await forgetDeleted(store, logs)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      // Nothing waits for it; the next start tries again.
      this.#options.logger.warn({ error }, 'Deleted topics are still remembered.')
    }
  }

  #offline({ path: directory, error, isLast }: OfflineDirectory): void {
    if (!isLast) return
    this.#fault = `No log directory is left: ${directory} does not work (${error.message}).`
    const { logger, onFatal } = this.#options
    logger.error({ path: directory, error }, 'No log directory is left; the broker stops.')
    if (this.#running === undefined) return
    const fault = this.#fault
    const tell = () => onFatal(fault)
    this.undo().then(tell, (cause) => {
      logger.error({ error: cause }, 'The broker could not be stopped in order.')
      tell()
    })
  }
}
