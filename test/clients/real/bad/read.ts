import { fetch } from '../../../../src/protocol/api/01-fetch.ts'
import { listOffsets } from '../../../../src/protocol/api/02-list-offsets.ts'
import { deleteRecords } from '../../../../src/protocol/api/21-delete-records.ts'
import { offsetForLeaderEpoch } from '../../../../src/protocol/api/23-offset-for-leader-epoch.ts'
import { ZERO_UUID } from '../../../../src/protocol/primitives.ts'
import { type BadRequest, rowsOf, steps, unknownId, type World } from './row.ts'

/** One partition of a fetch, with what a row wants otherwise. */
interface Wanted {
  readonly topic?: string
  readonly topicId?: string
  readonly partition?: number
  readonly fetchOffset?: number
  readonly currentLeaderEpoch?: number
  readonly lastFetchedEpoch?: number
  readonly partitionMaxBytes?: number
}

const none = { sessionId: 0, sessionEpoch: -1 }

/** A fetch of one partition. Names the topic up to v12, its id from v13 on. */
function fetchOf(world: World, version: number, wanted: Wanted = {}, session = none) {
  const { topic = world.topic, topicId = world.topicId, ...rest } = wanted
  const partition = {
    partition: 0,
    fetchOffset: 0,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    partitionMaxBytes: 1_000_000,
    ...rest,
  }
  const named = version < 13 ? { topic } : { topicId }
  return {
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1_000_000,
    isolationLevel: 0,
    ...session,
    topics: [
      { ...named, partitions: [version < 12 ? { ...partition, lastFetchedEpoch: -1 } : partition] },
    ],
    forgottenTopicsData: [],
    rackId: '',
  }
}

const fetches = rowsOf(fetch, 17)
const byName = [4, 7, 9, 11, 12]
const byId = [13, 15, 16, 17, 18]
const all = [...byName, ...byId]
const partition = (name: string, wanted: Wanted, versions = all): BadRequest[] =>
  fetches(name, (world, version) => fetchOf(world, version, wanted), versions)
const session = (name: string, ids: typeof none, versions = [7, 12, 17]): BadRequest[] =>
  fetches(name, (world, version) => fetchOf(world, version, {}, ids), versions)

const fetchRequests: readonly BadRequest[] = [
  ...partition('all records', {}),
  ...partition('an offset in the middle of a batch', { fetchOffset: 5 }),
  ...partition('the offset at the end', { fetchOffset: 10 }),
  ...partition('an offset beyond the end', { fetchOffset: 11 }),
  ...partition('a negative offset', { fetchOffset: -1 }, [12, 17]),
  ...partition('an unknown topic', { topic: 'nowhere', topicId: unknownId }),
  ...partition('the topic id of none', { topicId: ZERO_UUID }, byId),
  ...partition('an unknown partition', { partition: 9 }),
  ...partition('a negative partition', { partition: -1 }, [12, 17]),
  ...partition('a leader epoch that is too new', { currentLeaderEpoch: 99 }, [9, 12, 17]),
  ...partition('the right leader epoch', { currentLeaderEpoch: 0 }, [9, 12, 17]),
  ...partition(
    'a last fetched epoch that is too new',
    { fetchOffset: 5, lastFetchedEpoch: 99 },
    [12, 17],
  ),
  ...partition('the right last fetched epoch', { fetchOffset: 5, lastFetchedEpoch: 0 }, [12, 17]),
  ...partition('a limit of 1 byte', { partitionMaxBytes: 1 }),
  ...partition('a limit of 0 bytes', { partitionMaxBytes: 0 }, [12, 17]),
  ...fetches('a limit of 1 byte for all', (w, v) => ({ ...fetchOf(w, v), maxBytes: 1 }), [12, 17]),
  ...fetches('a limit of 0 bytes for all', (w, v) => ({ ...fetchOf(w, v), maxBytes: 0 }), [12, 17]),
  ...fetches('no topics', (w, v) => ({ ...fetchOf(w, v), topics: [] }), [4, 12, 17]),
  ...fetches('read committed', (w, v) => ({ ...fetchOf(w, v), isolationLevel: 1 }), all),
  ...session('a session that does not exist', { sessionId: 4711, sessionEpoch: 1 }),
  ...session('a session with epoch 0 that does not exist', { sessionId: 4711, sessionEpoch: 0 }),
  ...session('the end of a session that does not exist', { sessionId: 4711, sessionEpoch: -1 }),
  ...session('epoch 1 without a session', { sessionId: 0, sessionEpoch: 1 }),
  ...session('a new session', { sessionId: 0, sessionEpoch: 0 }),
  ...[7, 12, 17].flatMap((version) => [
    steps(`Fetch v${version}: a session that skips an epoch`, async (connection, world) => {
      const opened = await connection.ask(
        fetch,
        version,
        fetchOf(world, version, {}, { sessionId: 0, sessionEpoch: 0 }),
      )
      const { sessionId } = opened
      const skipped = fetchOf(world, version, {}, { sessionId, sessionEpoch: 2 })
      return [opened, await connection.ask(fetch, version, skipped)]
    }),
    steps(`Fetch v${version}: a session tells only what changed`, async (connection, world) => {
      const at = (sessionId: number, sessionEpoch: number) =>
        fetchOf(world, version, { fetchOffset: 10 }, { sessionId, sessionEpoch })
      const opened = await connection.ask(fetch, version, at(0, 0))
      const same = await connection.ask(fetch, version, { ...at(opened.sessionId, 1), topics: [] })
      const moved = await connection.ask(
        fetch,
        version,
        fetchOf(
          world,
          version,
          { fetchOffset: 3 },
          { sessionId: opened.sessionId, sessionEpoch: 2 },
        ),
      )
      const forgotten = version < 13 ? { topic: world.topic } : { topicId: world.topicId }
      const without = await connection.ask(fetch, version, {
        ...at(opened.sessionId, 3),
        topics: [],
        forgottenTopicsData: [{ ...forgotten, partitions: [0] }],
      })
      const ended = await connection.ask(fetch, version, at(opened.sessionId, -1))
      return [opened, same, moved, without, ended]
    }),
  ]),
]

const offsets = rowsOf(listOffsets, 10)
const offsetOf =
  (timestamp: number, { name = '', partitionIndex = 0, currentLeaderEpoch = -1 } = {}) =>
  (world: World) => ({
    replicaId: -1,
    isolationLevel: 0,
    topics: [
      {
        name: name || world.topic,
        partitions: [{ partitionIndex, currentLeaderEpoch, timestamp }],
      },
    ],
  })
const everyVersion = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]

const listOffsetsRequests: readonly BadRequest[] = [
  ...[-1, -2].flatMap((time) => offsets(`time ${time}`, offsetOf(time), everyVersion)),
  ...[-3, -4, -5, -6, -7, -100].flatMap((time) =>
    offsets(`time ${time}`, offsetOf(time), [1, 6, 7, 8, 9, 10, 11]),
  ),
  ...offsets('the first time', (w) => offsetOf(w.timeMs)(w), [1, 10]),
  ...offsets('a time inside', (w) => offsetOf(w.timeMs + 4)(w), [1, 10]),
  ...offsets('a time after the last', (w) => offsetOf(w.timeMs + 1_000_000)(w), [1, 10]),
  ...offsets('time 0', offsetOf(0), [1, 10]),
  ...offsets('the end of an empty partition', offsetOf(-1, { partitionIndex: 1 })),
  ...offsets('the largest time of an empty partition', offsetOf(-3, { partitionIndex: 1 })),
  ...offsets('an unknown topic', offsetOf(-1, { name: 'nowhere' }), [1, 4, 10]),
  ...offsets('an unknown partition', offsetOf(-1, { partitionIndex: 9 }), [1, 4, 10]),
  ...offsets('a negative partition', offsetOf(-1, { partitionIndex: -1 })),
  ...offsets('a leader epoch that is too new', offsetOf(-1, { currentLeaderEpoch: 99 }), [4, 10]),
  ...offsets('the right leader epoch', offsetOf(-1, { currentLeaderEpoch: 0 }), [4, 10]),
  ...offsets(
    'the same partition twice',
    (w) => ({
      replicaId: -1,
      isolationLevel: 0,
      topics: [
        {
          name: w.topic,
          partitions: [-1, -2].map((timestamp) => ({
            partitionIndex: 0,
            currentLeaderEpoch: -1,
            timestamp,
          })),
        },
      ],
    }),
    [1, 10],
  ),
  ...offsets('read committed', (w) => ({ ...offsetOf(-1)(w), isolationLevel: 1 }), [2, 10]),
]

const deletes = rowsOf(deleteRecords, 2)
const deleteOf =
  (name: (w: World) => string, partitionIndex: number, offset: number) => (w: World) => ({
    topics: [{ name: name(w), partitions: [{ partitionIndex, offset }] }],
    timeoutMs: 10_000,
  })

const deleteRecordsRequests: readonly BadRequest[] = [
  ...deletes(
    'beyond the end',
    deleteOf((w) => w.topic, 0, 11),
    [0, 1, 2],
  ),
  ...deletes(
    'before -1',
    deleteOf((w) => w.topic, 0, -2),
  ),
  ...deletes(
    'nothing',
    deleteOf((w) => w.topic, 0, 0),
    [0, 2],
  ),
  ...deletes(
    'all of an empty partition',
    deleteOf((w) => w.topic, 1, -1),
  ),
  ...deletes(
    'an unknown topic',
    deleteOf(() => 'nowhere', 0, 0),
  ),
  ...deletes(
    'an unknown partition',
    deleteOf((w) => w.topic, 9, 0),
  ),
  ...deletes(
    'a compacted topic',
    deleteOf((w) => w.compacted, 0, 0),
    [0, 2],
  ),
  ...deletes('no topics', () => ({ topics: [], timeoutMs: 1000 })),
]

const epochs = rowsOf(offsetForLeaderEpoch, 4)
const epochOf =
  (leaderEpoch: number, { name = '', partition = 0, currentLeaderEpoch = -1 } = {}) =>
  (w: World) => ({
    replicaId: -1,
    topics: [
      { topic: name || w.topic, partitions: [{ partition, currentLeaderEpoch, leaderEpoch }] },
    ],
  })

const epochRequests: readonly BadRequest[] = [
  ...epochs('the current epoch', epochOf(0), [2, 3, 4]),
  ...epochs('an epoch to come', epochOf(5), [2, 3, 4]),
  ...epochs('a negative epoch', epochOf(-1)),
  ...epochs('an unknown topic', epochOf(0, { name: 'nowhere' })),
  ...epochs('an unknown partition', epochOf(0, { partition: 9 })),
  ...epochs('a current epoch that is too new', epochOf(0, { currentLeaderEpoch: 99 })),
  ...epochs('the right current epoch', epochOf(0, { currentLeaderEpoch: 0 })),
  ...epochs('an empty partition', epochOf(0, { partition: 1 })),
  ...epochs('no topics', () => ({ replicaId: -1, topics: [] })),
]

export const readRequests: readonly BadRequest[] = [
  ...fetchRequests,
  ...listOffsetsRequests,
  ...deleteRecordsRequests,
  ...epochRequests,
]
