/** The few requests that many raw tests make, with all that does not matter to them filled in. */

import { fetch } from '../../../src/protocol/api/01-fetch.ts'
import { listOffsets } from '../../../src/protocol/api/02-list-offsets.ts'
import { findCoordinator } from '../../../src/protocol/api/10-find-coordinator.ts'
import { describeGroups } from '../../../src/protocol/api/15-describe-groups.ts'
import { createTopics } from '../../../src/protocol/api/19-create-topics.ts'
import { initProducerId } from '../../../src/protocol/api/22-init-producer-id.ts'
import { errorName } from '../../../src/protocol/errors.ts'
import { waitFor } from '../support.ts'
import type { RawConnection } from './connection.ts'

/** Longest wait for a topic that was created to have leaders. */
const leadersLimitMs = 20_000
/** More than any batch of these tests. */
const fetchBytes = 8 * 1024 * 1024

/** The latest version that names topics, where newer ones want their ids. */
export const namedProduceVersion = 12
export const namedFetchVersion = 12

/** Creates a topic and waits until all its partitions can be used. */
export async function createTopic(
  connection: RawConnection,
  name: string,
  partitions: number,
  config: Readonly<Record<string, string>> = {},
): Promise<{ readonly topicId: string }> {
  const configs = Object.entries(config).map(([key, value]) => ({ name: key, value }))
  const answer = await connection.ask(createTopics, 7, {
    topics: [{ name, numPartitions: partitions, replicationFactor: 1, assignments: [], configs }],
    timeoutMs: leadersLimitMs,
    validateOnly: false,
  })
  const [created] = answer.topics
  if (created?.errorCode !== 0)
    throw new Error(`${name}: ${errorName(created?.errorCode ?? -1)} ${created?.errorMessage}`)
  await waitFor(`leaders of ${name}`, leadersLimitMs, async () => {
    const ends = Array.from({ length: partitions }, (_, p) => endOffset(connection, name, p))
    return (await Promise.all(ends)).every((end) => end !== undefined)
  })
  return { topicId: created.topicId }
}

/** Asks for the coordinator of a group, and waits until it answers questions about it. */
export async function findGroup(connection: RawConnection, groupId: string): Promise<void> {
  await waitFor(`the coordinator of ${groupId}`, leadersLimitMs, async () => {
    await connection.ask(findCoordinator, 4, { keyType: 0, coordinatorKeys: [groupId] })
    const { groups } = await connection.ask(describeGroups, 5, { groups: [groupId] })
    return groups[0]?.errorCode === 0
  })
}

/** Where the next record of a partition will lie; undefined while it cannot be told. */
export async function endOffset(
  connection: RawConnection,
  name: string,
  partition: number,
): Promise<number | undefined> {
  const answer = await connection.ask(listOffsets, 7, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [
      { name, partitions: [{ partitionIndex: partition, currentLeaderEpoch: -1, timestamp: -1 }] },
    ],
  })
  const found = answer.topics[0]?.partitions[0]
  return found?.errorCode === 0 ? found.offset : undefined
}

/** One read of one partition. @returns whole batches, as they lie in the log. */
export async function fetchOnce(
  connection: RawConnection,
  topic: string,
  partition: number,
  fetchOffset: number,
): Promise<{
  readonly errorCode: number
  readonly records: Uint8Array
  readonly highWatermark: number
}> {
  const answer = await connection.ask(fetch, namedFetchVersion, {
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: fetchBytes,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [
      {
        topic,
        partitions: [
          {
            partition,
            currentLeaderEpoch: -1,
            fetchOffset,
            lastFetchedEpoch: -1,
            logStartOffset: -1,
            partitionMaxBytes: fetchBytes,
          },
        ],
      },
    ],
    forgottenTopicsData: [],
    rackId: '',
  })
  const found = answer.responses[0]?.partitions[0]
  if (found === undefined) throw new Error(`${topic}-${partition}: ${errorName(answer.errorCode)}`)
  const { errorCode, highWatermark, records } = found
  return { errorCode, highWatermark, records: records ?? new Uint8Array(0) }
}

/** A producer id of its own for an idempotent producer. */
export async function newProducer(
  connection: RawConnection,
): Promise<{ readonly producerId: number; readonly producerEpoch: number }> {
  return await waitFor('a producer id', leadersLimitMs, async () => {
    const answer = await connection.ask(initProducerId, 4, {
      transactionalId: null,
      transactionTimeoutMs: 60_000,
      producerId: -1,
      producerEpoch: -1,
    })
    return answer.errorCode === 0 ? answer : undefined
  })
}
