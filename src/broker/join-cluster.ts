import path from 'node:path'
import type { ServerConfig } from '../config/server-config.ts'
import { adoptTopics } from '../controller/adopt-topics.ts'
import { decideForgetDeleted } from '../controller/delete-topics.ts'
import { decideRegistration } from '../controller/register-broker.ts'
import { randomTopicId } from '../controller/topic-id.ts'
import { restartUncleanly } from '../controller/unclean-restart.ts'
import type { Environment } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import type { LogManager } from '../log/log-manager.ts'
import { type Coordination, UNTIL_CLOSE } from '../metadata/coordination.ts'
import type { MetadataStore } from '../metadata/metadata-store.ts'
import { StartError } from './start-error.ts'

/** A file of the metadata store, in the first log directory. A plain file, because Apache Kafka
 *  refuses directories there that are not partitions. */
const METADATA_FILE = 'moldau-metadata.lmdb'

/** Opens the store of a broker that has the cluster to itself: one file in its first log directory. */
export async function openEmbedded(
  environment: Environment,
  logger: Logger,
  directory: string,
): Promise<Coordination> {
  // Loaded when needed: a broker in memory has no use for a native module.
  const { EmbeddedCoordination } = await import('../metadata/embedded-coordination.ts')
  return EmbeddedCoordination.open(environment, logger, {
    path: path.join(directory, METADATA_FILE),
    sharing: 'exclusive',
    pollMs: 0,
  })
}

/** Who joins, and with what. */
export interface Joining {
  readonly store: MetadataStore
  readonly logs: LogManager
  readonly config: ServerConfig
  readonly environment: Environment
  readonly logger: Logger
}

/**
 * Takes a broker's place in the cluster: what an unclean stop may have lost is taken back, the
 * partitions that lie in its directories find their topics, and then it is registered. A cluster that
 * is not formed yet is formed last, so that a crash in between finds it unformed again.
 * @throws StartError when the place is another's.
 */
export async function joinCluster(joining: Joining): Promise<void> {
  const { store, logs, config } = joining
  if (logs.hadUncleanStop) await restartUncleanly(store, config.values['node.id'])
  const isFormed = store.image.clusterId !== ''
  if (isFormed) await clearDirectories(joining)
  else await adopt(joining)
  await register(store, logs.clusterId, config)
}

/** Makes topics of what lies in the directories of a broker without metadata: they were written by
 *  Apache Kafka, or the metadata file was lost. */
async function adopt(joining: Joining): Promise<void> {
  const { store, logs, config, environment, logger } = joining
  const found = Array.from(logs.logs, ({ topic, partition, topicId, log }) => {
    return { topic, partition, topicId, leaderEpoch: log.leaderEpochs.latest?.epoch ?? -1 }
  })
  const { adopted, refused } = await adoptTopics(store, found, config.values['node.id'], () =>
    randomTopicId(environment.random),
  )
  if (adopted.length > 0) {
    logger.info({ topics: adopted.join(', ') }, 'Adopted the topics found in the log directories.')
  }
  for (const fields of refused) logger.warn(fields, 'Did not adopt a topic found in them.')
  await setAsideUnknown(joining)
}

/**
 * Takes partitions off that the cluster does not have here: what a crash left of deleted topics goes,
 * anything else is put aside and kept. Nothing found is made a topic of a cluster that is formed.
 */
async function clearDirectories(joining: Joining): Promise<void> {
  const { store, logs } = joining
  const { deletedTopics } = store.image
  for (const { topic, partition, topicId } of [...logs.logs]) {
    const isDeleted = topicId !== undefined && deletedTopics.has(topicId)
    if (isDeleted) await logs.asyncDelete(topic, partition)
  }
  await setAsideUnknown(joining)
  await forgetDeleted(store, logs)
}

async function setAsideUnknown({ store, logs, config }: Joining): Promise<void> {
  const { topics } = store.image
  for (const { topic, partition, topicId } of [...logs.logs]) {
    const known = topics.get(topic)
    const isOfTopic = known !== undefined && (topicId === undefined || topicId === known.id)
    const replicas = known?.partitions[partition]?.replicas ?? []
    const isHere = isOfTopic && replicas.includes(config.values['node.id'])
    if (!isHere) await logs.setAside(topic, partition)
  }
}

/**
 * Forgets the deleted topics whose directories have got their names for removal: nothing of theirs can
 * be taken for a topic any more. While a log directory is offline it may still hold some.
 */
export async function forgetDeleted(store: MetadataStore, logs: LogManager): Promise<void> {
  const ids = new Set(Array.from(store.image.deletedTopics, ([id]) => id))
  if (ids.size === 0 || logs.offline.size > 0) return
  for (const { topicId } of logs.logs) if (topicId !== undefined) ids.delete(topicId)
  await store.commit((image) => decideForgetDeleted(image, ids))
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
