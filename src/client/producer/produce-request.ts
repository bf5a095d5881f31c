import type { produce } from '../../protocol/api/00-produce.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { RequestInput, ResponseOf } from '../../protocol/schema.ts'
import type { ClusterImage, NewLeader } from '../cluster-image.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { ProducerBatch } from './producer-batch.ts'

/** One batch in a request, with its final bytes. */
export interface Outgoing {
  readonly queue: PartitionQueue
  readonly batch: ProducerBatch
  readonly records: Uint8Array
}

type Response = ResponseOf<typeof produce>
type FullAnswer = Response['responses'][number]['partitionResponses'][number]
/** What a broker says of one partition. */
export type PartitionAnswer = Omit<FullAnswer, 'index' | 'logStartOffset'>

/** The first version that names topics by id (KIP-516). */
const FIRST_BY_ID = 13

/** Queues by the leader of their partition, and those whose partition has none now. */
export function batchesByLeader(
  queues: readonly PartitionQueue[],
  image: ClusterImage,
): {
  readonly byLeader: ReadonlyMap<number, PartitionQueue[]>
  readonly leaderless: readonly PartitionQueue[]
} {
  const byLeader = new Map<number, PartitionQueue[]>()
  const leaderless: PartitionQueue[] = []
  for (const queue of queues) {
    const leaderId = image.topics.get(queue.topic)?.partitions[queue.partition]?.leaderId ?? -1
    const led = byLeader.get(leaderId)
    if (leaderId < 0) leaderless.push(queue)
    else if (led === undefined) byLeader.set(leaderId, [queue])
    else led.push(queue)
  }
  return { byLeader, leaderless }
}

/** The request that carries these batches, topics together. */
export function requestOf(
  outgoing: readonly Outgoing[],
  image: ClusterImage,
  version: number,
  acks: number,
  timeoutMs: number,
): RequestInput<typeof produce> {
  const topics = new Map<string, { index: number; records: Uint8Array }[]>()
  for (const { queue, records } of outgoing) {
    const data = { index: queue.partition, records }
    const known = topics.get(queue.topic)
    if (known === undefined) topics.set(queue.topic, [data])
    else known.push(data)
  }
  const topicData = [...topics].map(([name, partitionData]) => {
    return version >= FIRST_BY_ID
      ? { topicId: image.topics.get(name)?.topicId ?? ZERO_UUID, partitionData }
      : { name, partitionData }
  })
  return { transactionalId: null, acks, timeoutMs, topicData }
}

/** The answers in the order of the batches, and the leaders that they name (KIP-951). */
export function answersOf(
  response: Response,
  outgoing: readonly Outgoing[],
  image: ClusterImage,
  version: number,
): { readonly answers: readonly (PartitionAnswer | undefined)[]; readonly leaders: NewLeader[] } {
  const byPlace = new Map<string, PartitionAnswer>()
  for (const { name, topicId, partitionResponses } of response.responses) {
    const topic = version >= FIRST_BY_ID ? topicId : name
    for (const answer of partitionResponses) byPlace.set(`${topic}/${answer.index}`, answer)
  }
  const leaders: NewLeader[] = []
  const answers = outgoing.map(({ queue: { topic, partition } }) => {
    const id = image.topics.get(topic)?.topicId ?? ZERO_UUID
    const answer = byPlace.get(`${version >= FIRST_BY_ID ? id : topic}/${partition}`)
    if (answer !== undefined && answer.currentLeader.leaderId >= 0) {
      leaders.push({ topic, partition, ...answer.currentLeader })
    }
    return answer
  })
  return { answers, leaders }
}
