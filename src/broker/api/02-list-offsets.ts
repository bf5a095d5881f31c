import { listOffsets } from '../../protocol/api/02-list-offsets.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { RequestOf, ResponseInput } from '../../protocol/schema.ts'
import type { Isolation, Partition } from '../../replication/partition.ts'
import { handler } from '../handler.ts'
import { answerEach } from '../per-partition.ts'

type Topic = RequestOf<typeof listOffsets>['topics'][number]
type Asked = Topic['partitions'][number]
type Answer = ResponseInput<typeof listOffsets>['topics'][number]['partitions'][number]

const READ_COMMITTED = 1
/** The first version whose answers name the epoch of the offset (KIP-320). */
const LEADER_EPOCH_VERSION = 4

/** Timestamps below zero that name a place in the log, and the first version that has each. */
const LATEST = -1
const EARLIEST = -2
const MAX_TIMESTAMP = -3
const EARLIEST_LOCAL = -4
const LATEST_TIERED = -5
const EARLIEST_PENDING_UPLOAD = -6
const sinceVersion: Readonly<Record<number, number>> = {
  [LATEST]: 1,
  [EARLIEST]: 1,
  [MAX_TIMESTAMP]: 7,
  [EARLIEST_LOCAL]: 8,
  [LATEST_TIERED]: 9,
  [EARLIEST_PENDING_UPLOAD]: 11,
}

const NOT_FOUND = { timestamp: -1, offset: -1, leaderEpoch: -1 }

/** Who asks: a consumer, by its isolation level; others (followers, debugging consumers) may see the
 *  end of the log. */
const CONSUMER = -1

/**
 * Finds offsets by time and by place in the log. With nothing tiered, the earliest local offset is the
 * earliest and there is no latest tiered one.
 */
export default handler(listOffsets, async (request, context) => {
  const isolation = isolationOf(request)
  return {
    topics: await Promise.all(
      Array.from(byTopic(request.topics), async ([name, partitions]) => ({
        name,
        partitions: await answerEach<AskedOnce, Answer>(
          [...partitions.values()],
          async ({ asked, isTwice }) => {
            if (isTwice) {
              throw new KafkaError('INVALID_REQUEST', 'the request names the partition twice')
            }
            checkTimestamp(asked.timestamp, context.apiVersion)
            const partition = context.broker.partitions.byName(name, asked.partitionIndex)
            partition.checkLeader(asked.currentLeaderEpoch)
            const found = await lookUp(partition, asked.timestamp, isolation)
            const { leaderEpoch, ...place } = found
            const hasEpoch = context.apiVersion >= LEADER_EPOCH_VERSION
            return {
              partitionIndex: asked.partitionIndex,
              errorCode: 0,
              ...place,
              ...(hasEpoch ? { leaderEpoch } : {}),
            }
          },
          ({ asked: { partitionIndex } }, error) => ({ partitionIndex, errorCode: error.code }),
        ),
      })),
    ),
  }
})

function isolationOf({ replicaId, isolationLevel }: RequestOf<typeof listOffsets>): Isolation {
  if (replicaId !== CONSUMER) return 'log-end'
  return isolationLevel === READ_COMMITTED ? 'read-committed' : 'read-uncommitted'
}

interface AskedOnce {
  readonly asked: Asked
  readonly isTwice: boolean
}

/** Each partition once, by topic and index: what a request repeats is answered once, as in Kafka. */
function byTopic(topics: readonly Topic[]): ReadonlyMap<string, ReadonlyMap<number, AskedOnce>> {
  const found = new Map<string, Map<number, AskedOnce>>()
  for (const { name, partitions } of topics) {
    const known = found.get(name) ?? new Map<number, AskedOnce>()
    found.set(name, known)
    for (const asked of partitions) {
      const { partitionIndex } = asked
      known.set(partitionIndex, { asked, isTwice: known.has(partitionIndex) })
    }
  }
  return found
}

function checkTimestamp(timestamp: number, apiVersion: number): void {
  if (timestamp >= 0) return
  if (apiVersion >= (sinceVersion[timestamp] ?? Number.POSITIVE_INFINITY)) return
  throw new KafkaError(
    'UNSUPPORTED_VERSION',
    `timestamp ${timestamp} has no meaning in v${apiVersion}`,
  )
}

type Found = Pick<Answer, 'timestamp' | 'offset' | 'leaderEpoch'>

async function lookUp(
  partition: Partition,
  timestamp: number,
  isolation: Isolation,
): Promise<Found> {
  const { log } = partition
  const at = (offset: number): Found => ({
    timestamp: -1,
    offset,
    leaderEpoch: partition.epochAt(offset) ?? -1,
  })
  switch (timestamp) {
    case LATEST:
      return {
        timestamp: -1,
        offset: partition.endFor(isolation),
        leaderEpoch: partition.leaderEpoch,
      }
    case EARLIEST:
    case EARLIEST_LOCAL:
      return at(log.logStartOffset)
    case LATEST_TIERED:
    case EARLIEST_PENDING_UPLOAD:
      return NOT_FOUND
    default: {
      const found =
        timestamp === MAX_TIMESTAMP
          ? await log.maxTimestamp()
          : await log.offsetForTimestamp(timestamp)
      if (found === undefined) return NOT_FOUND
      if (found.offset >= partition.endFor(isolation)) return NOT_FOUND
      return { ...found, leaderEpoch: found.leaderEpoch ?? -1 }
    }
  }
}
