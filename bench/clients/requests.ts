/** The requests that the benchmark's own clients make. */

import { setTimeout as delay } from 'node:timers/promises'
import { produce } from '../../src/protocol/api/00-produce.ts'
import { fetch } from '../../src/protocol/api/01-fetch.ts'
import { listOffsets } from '../../src/protocol/api/02-list-offsets.ts'
import { createTopics } from '../../src/protocol/api/19-create-topics.ts'
import { errorName } from '../../src/protocol/errors.ts'
import { decodeResponse } from '../../src/protocol/frame.ts'
import { BatchBuilder } from '../../src/records/builder.ts'
import { type Connection, requestFrame } from './connection.ts'

/** The last versions that name topics; newer ones want their ids. */
export const PRODUCE_VERSION = 12
export const FETCH_VERSION = 12
const LIST_OFFSETS_VERSION = 7
const CREATE_TOPICS_VERSION = 7
const TOPIC_LIMIT_MS = 30_000
/** What Kafka's consumers ask of a partition by default. */
export const FETCH_BYTES = 1024 * 1024

/** Creates a topic and waits until each of its partitions has a leader. */
export async function createTopic(
  connection: Connection,
  name: string,
  numPartitions: number,
): Promise<void> {
  const answer = await connection.ask(createTopics, CREATE_TOPICS_VERSION, {
    topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: TOPIC_LIMIT_MS,
  })
  const code = answer.topics[0]?.errorCode ?? -1
  if (code !== 0) throw new Error(`creating ${name}: ${errorName(code)}`)
  const deadline = performance.now() + TOPIC_LIMIT_MS
  for (let partition = 0; partition < numPartitions; ) {
    if ((await endOffset(connection, name, partition)) !== undefined) partition++
    else if (performance.now() > deadline) throw new Error(`${name}-${partition} has no leader`)
    else await delay(10)
  }
}

/** Where the next record of a partition will lie; undefined while nobody leads it. */
export async function endOffset(
  connection: Connection,
  name: string,
  partitionIndex: number,
): Promise<number | undefined> {
  const answer = await connection.ask(listOffsets, LIST_OFFSETS_VERSION, {
    replicaId: -1,
    topics: [{ name, partitions: [{ partitionIndex, timestamp: -1 }] }],
  })
  const found = answer.topics[0]?.partitions[0]
  return found?.errorCode === 0 ? found.offset : undefined
}

/** A Produce request, acks=1, with one batch of equal records, to be sent as often as is liked. */
export function produceFrame(
  topic: string,
  partition: number,
  records: number,
  recordBytes: number,
): Uint8Array {
  const builder = new BatchBuilder()
  const value = Buffer.alloc(recordBytes, 'moldau ')
  const timestamp = Date.now()
  for (let record = 0; record < records; record++) builder.append({ value, timestamp })
  return requestFrame(produce, PRODUCE_VERSION, {
    acks: 1,
    timeoutMs: TOPIC_LIMIT_MS,
    topicData: [{ name: topic, partitionData: [{ index: partition, records: builder.build() }] }],
  })
}

/** The error code in the answer to a `produceFrame`. */
export function produceError(answer: Uint8Array): number {
  const { responses } = decodeResponse(produce, PRODUCE_VERSION, answer)
  return responses[0]?.partitionResponses[0]?.errorCode ?? -1
}

/** A Fetch request for one partition that waits for records as consumers do. */
export function fetchFrame(topic: string, partition: number, fetchOffset: number): Uint8Array {
  return requestFrame(fetch, FETCH_VERSION, {
    maxWaitMs: 500,
    minBytes: 1,
    topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: FETCH_BYTES }] }],
  })
}

/** The batches in the answer to a `fetchFrame`. @throws when it is an error. */
export function fetchedRecords(answer: Uint8Array): Uint8Array {
  const { errorCode, responses } = decodeResponse(fetch, FETCH_VERSION, answer)
  const partition = responses[0]?.partitions[0]
  const code = errorCode || (partition?.errorCode ?? -1)
  if (code !== 0) throw new Error(`fetch: ${errorName(code)}`)
  return partition?.records ?? new Uint8Array(0)
}
