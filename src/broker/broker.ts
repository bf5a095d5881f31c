/** The broker: all parts wired together, and the requests it answers. */
import path from 'node:path'
import type { ServerConfig } from '../config/server-config.ts'
import { adoptTopics } from '../controller/adopt-topics.ts'
import { decideRegistration } from '../controller/register-broker.ts'
import { randomTopicId } from '../controller/topic-id.ts'
import type { Environment } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { LogDirectoryError } from '../log/log-directory-error.ts'
import { LogManager } from '../log/log-manager.ts'
import { TailCache } from '../log/tail-cache.ts'
import { type Coordination, CoordinationError, UNTIL_CLOSE } from '../metadata/coordination.ts'
import { MemoryCoordination } from '../metadata/memory-coordination.ts'
import { MetadataStore } from '../metadata/metadata-store.ts'
import { networkLimits } from '../network/limits.ts'
import { NetworkServer } from '../network/server.ts'
import { prepareAppend } from '../records/validate.ts'
import { Partitions } from '../replication/partitions.ts'
import { AutoCreation } from './auto-creation.ts'
import { endpointsFor } from './endpoints.ts'
import { FetchSessions } from './fetch/fetch-sessions.ts'
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
}

/** A file of the metadata store, in the first log directory. A plain file, because Apache Kafka
 *  refuses directories there that are not partitions. */
const METADATA_FILE = 'moldau-metadata.lmdb'
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
  const { config, logger } = options
  reportConfig(config, logger)
  const undo: (() => Promise<void>)[] = []
  try {
    return await assemble(options, undo)
  } catch (error) {
    for (const step of undo.reverse()) await step()
    const isKnown = error instanceof LogDirectoryError || error instanceof CoordinationError
    if (isKnown) throw new StartError(error.message, { cause: error })
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

async function assemble(options: BrokerOptions, undo: (() => Promise<void>)[]): Promise<Broker> {
  const { config, environment, logger } = options
  const nodeId = config.values['node.id']
  const logDirs = config.logDirs.map((directory) => path.resolve(directory))
  const settings = new Settings(config)
  const local: { partitions?: Partitions } = {}

  const logs = await LogManager.open({
    logDirs,
    nodeId,
    environment,
    logger,
    config: () => settings.broker,
    topicConfig: (topic) => settings.topic(topic),
    tailCache: new TailCache(settings.broker['moldau.tail.cache.bytes']),
    highWatermark: (topic, partition) => local.partitions?.find(topic, partition)?.highWatermark,
    onOffline: ({ isLast }) => {
      if (isLast) throw new Error('no log directory is left, the broker cannot go on')
    },
  })
  undo.push(() => logs.close())

  const coordination = await openCoordination(options, logDirs[0]!)
  undo.push(() => coordination.close())
  const store = await MetadataStore.open(coordination, environment, logger)
  undo.push(() => store.close())
  settings.update(store.image)
  await register(store, logs.clusterId, config)
  await adopt(store, logs, nodeId, environment, logger)

  const partitions = new Partitions({
    nodeId,
    environment,
    logger,
    logs,
    prepare: (topic, records, nowMs) => prepareAppend(records, settings.rules(topic), nowMs),
    minIsr: (topic) => settings.topic(topic)['min.insync.replicas'],
  })
  local.partitions = partitions
  settings.update(store.image)
  await partitions.apply(store.image, store.image.topics.keys())
  store.onChange(({ image, topics }) => {
    settings.update(image)
    void partitions.apply(image, topics)
  })

  const services: BrokerServices = {
    nodeId,
    environment,
    logger,
    metadata: store,
    partitions,
    logs,
    settings,
    served: servedApis.ranges,
    fetchSessions: new FetchSessions({
      maxSessions: () => settings.broker['max.incremental.fetch.session.cache.slots'],
      evictionMs: SESSION_EVICTION_MS,
      below: (limit) => environment.random.below(limit),
    }),
    producerIds: new ProducerIds(store),
    autoCreation: new AutoCreation(store, settings, environment),
    endpoints: (connection) => endpointsFor(store.image, nodeId, config, connection),
  }
  const server = await listen(options, services, settings)
  undo.push(() => server.close(0))
  store.onChange(({ hasNewConfigs }) => {
    if (hasNewConfigs) server.limits = networkLimits(settings.broker)
  })
  return {
    nodeId,
    clusterId: logs.clusterId,
    logDirs,
    addresses: server.listeners.map(({ host, port }) => ({
      host: host === '' ? '0.0.0.0' : host,
      port,
    })),
    async stop() {
      partitions.close()
      await server.close(STOP_GRACE_MS)
      await logs.close()
      await store.close()
      await coordination.close()
    },
  }
}

/** Memory for a broker in memory, else the file in the first log directory, which is ours alone. */
async function openCoordination(
  { environment, isMemory, logger }: BrokerOptions,
  directory: string,
): Promise<Coordination> {
  if (isMemory) return new MemoryCoordination(environment)
  const { EmbeddedCoordination } = await import('../metadata/embedded-coordination.ts')
  return EmbeddedCoordination.open(environment, logger, {
    path: path.join(directory, METADATA_FILE),
    sharing: 'exclusive',
    pollMs: 0,
  })
}

async function register(
  store: MetadataStore,
  clusterId: string,
  config: ServerConfig,
): Promise<void> {
  const nodeId = config.values['node.id']
  const leaseId = await store.coordination.grantLease(UNTIL_CLOSE)
  const endpoints = [...config.listeners.advertised.values()].map(({ name, host, port }) => ({
    name,
    host,
    port,
  }))
  const rack = config.values['broker.rack']
  const problem = await store.commit((image) =>
    decideRegistration(image, { nodeId, leaseId, clusterId, rack, endpoints }),
  )
  if (problem === undefined) return
  throw new StartError(
    problem.type === 'id-in-use'
      ? `node.id ${nodeId} is in use by another broker of cluster ${clusterId}`
      : `the metadata belongs to cluster ${problem.clusterId}, the log directories to ${clusterId}`,
  )
}

/** Serves what lies in the directories without being known: they were written by Apache Kafka. */
async function adopt(
  store: MetadataStore,
  logs: LogManager,
  nodeId: number,
  environment: Environment,
  logger: Logger,
): Promise<void> {
  const found = Array.from(logs.logs, ({ topic, partition, topicId, log }) => {
    return { topic, partition, topicId, leaderEpoch: log.leaderEpochs.latest?.epoch ?? -1 }
  })
  const { adopted, refused } = await adoptTopics(store, found, nodeId, () =>
    randomTopicId(environment.random),
  )
  if (adopted.length > 0) {
    logger.info({ topics: adopted.join(', ') }, 'Adopted the topics found in the log directories.')
  }
  for (const fields of refused) logger.warn(fields, 'Did not adopt a topic found in them.')
}

async function listen(
  { config, environment, logger }: BrokerOptions,
  services: BrokerServices,
  settings: Settings,
): Promise<NetworkServer> {
  const pipeline = new Pipeline(services, servedApis)
  const server = new NetworkServer({
    environment,
    logger,
    listeners: config.listeners.bound.map((listener) => ({
      ...listener,
      advertised: config.listeners.advertised.get(listener.name),
    })),
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
  return server
}
