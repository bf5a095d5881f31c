import path from 'node:path'
import type { ServerConfig } from '../config/server-config.ts'
import { adoptTopics } from '../controller/adopt-topics.ts'
import { decideForgetDeleted } from '../controller/delete-topics.ts'
import { decideProducerIdFloor } from '../controller/producer-ids.ts'
import { decideRegistration } from '../controller/register-broker.ts'
import { randomTopicId } from '../controller/topic-id.ts'
import { restartUncleanly } from '../controller/unclean-restart.ts'
import type { Environment } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import type { DecideFate } from '../log/directory-load.ts'
import type { LogManager } from '../log/log-manager.ts'
import { type Coordination, UNTIL_CLOSE } from '../metadata/coordination.ts'
import type { ClusterImage } from '../metadata/image.ts'
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
  if (isFormed(store.image)) await forgetDeleted(store, logs)
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
  const highest = highestProducerId(logs)
  await store.commit((image) => decideProducerIdFloor(image, highest))
}

/** -1 when no log knows a producer. One look at each that is known. */
function highestProducerId(logs: LogManager): number {
  let highest = -1
  for (const { log } of logs.logs)
    for (const { producerId } of log.producers.entries()) highest = Math.max(highest, producerId)
  return highest
}

async function setAsideUnknown({ store, logs, config }: Joining): Promise<void> {
  for (const { topic, partition, topicId } of [...logs.logs]) {
    const isOurs = isHere(store.image, config.values['node.id'], { topic, partition, topicId })
    if (!isOurs) await logs.setAside(topic, partition)
  }
}

/**
 * Says what becomes of the partitions that lie in the directories of a broker of this cluster: those the
 * cluster has here are opened, what a crash or a failed disk has left of deleted topics goes, anything
 * else is put aside and kept. While nobody has formed the cluster, all are opened.
 */
export function fatesIn(image: ClusterImage, nodeId: number): DecideFate {
  return (found) => {
    if (!isFormed(image) || isHere(image, nodeId, found)) return 'open'
    const isDeleted = found.topicId !== undefined && image.deletedTopics.has(found.topicId)
    return isDeleted ? 'delete' : 'stray'
  }
}

function isFormed({ clusterId }: ClusterImage): boolean {
  return clusterId !== ''
}

/** Whether the cluster has a replica of what was found on this broker. */
function isHere(
  { topics }: ClusterImage,
  nodeId: number,
  { topic, partition, topicId }: Parameters<DecideFate>[0],
): boolean {
  const known = topics.get(topic)
  const isOfTopic = known !== undefined && (topicId === undefined || topicId === known.id)
  return isOfTopic && known.partitions[partition]?.replicas.includes(nodeId) === true
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
