import { offsetCommit } from '../../../../src/protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../../../../src/protocol/api/09-offset-fetch.ts'
import { joinGroup } from '../../../../src/protocol/api/11-join-group.ts'
import { syncGroup } from '../../../../src/protocol/api/14-sync-group.ts'
import { deleteGroups } from '../../../../src/protocol/api/42-delete-groups.ts'
import { offsetDelete } from '../../../../src/protocol/api/47-offset-delete.ts'
import { consumerGroupHeartbeat } from '../../../../src/protocol/api/68-consumer-group-heartbeat.ts'
import type { RequestInput } from '../../../../src/protocol/schema.ts'
import type { RawConnection } from '../../raw/connection.ts'
import { subscription } from './groups-classic.ts'
import { type BadRequest, rowsOf, steps, unknownId, type World } from './row.ts'

const zeroId = 'AAAAAAAAAAAAAAAAAAAAAA'
const commitVersions = [2, 3, 4, 5, 6, 7, 8, 9, 10]
const fetchVersions = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
const batchVersions = fetchVersions.filter((version) => version >= 8)
/** The first version that names topics by their ids, of OffsetCommit and OffsetFetch. */
const byId = 10

type Commit = RequestInput<typeof offsetCommit>
type Topics = readonly (readonly [
  name: string,
  partitions: readonly (readonly [partition: number, offset: number, text?: string | null])[],
])[]

/** Topics as a version names them: `t` is there, '' has the id of none, others are unknown. */
function named(world: World, version: number, name: string) {
  if (version < byId) return { name: name === 't' ? world.topic : name }
  return { topicId: name === 't' ? world.topicId : name === '' ? zeroId : unknownId }
}

function commitOf(
  world: World,
  version: number,
  topics: Topics,
  { groupInstanceId, retentionTimeMs, ...given }: Partial<Commit> & { groupId: string },
): Commit {
  return {
    memberId: '',
    ...given,
    ...(version >= 7 && groupInstanceId !== undefined && { groupInstanceId }),
    ...(version <= 4 && retentionTimeMs !== undefined && { retentionTimeMs }),
    topics: topics.map(([name, partitions]) => ({
      ...named(world, version, name),
      partitions: partitions.map(([partitionIndex, committedOffset, committedMetadata = null]) => ({
        partitionIndex,
        committedOffset,
        committedMetadata,
        ...(version >= 6 && { committedLeaderEpoch: partitionIndex }),
      })),
    })),
  }
}

/** All offsets of groups, by names. */
function committed(connection: RawConnection, ...groupIds: readonly string[]) {
  const groups = groupIds.map((groupId) => ({ groupId, topics: null }))
  return connection.ask(offsetFetch, 9, { groups })
}

/** A commit in each version to a group of its own, and what is there afterwards. */
function commits(
  name: string,
  topics: Topics,
  given: Partial<Commit> = {},
  versions = commitVersions,
): readonly BadRequest[] {
  return versions.map((version) =>
    steps(`OffsetCommit v${version}: ${name}`, async (connection, world) => {
      const groupId = given.groupId ?? `${name.replaceAll(/\W+/g, '-')}-${version}`
      const request = commitOf(world, version, topics, { ...given, groupId })
      const answer = await connection.ask(offsetCommit, version, request)
      return [answer, await committed(connection, groupId)]
    }),
  )
}

const one: Topics = [['t', [[0, 5]]]]
const long = 'ü'.repeat(4_096)

const commitRequests: readonly BadRequest[] = [
  ...commits('offsets of nobody', [
    [
      't',
      [
        [0, 5, 'text'],
        [1, 6, ''],
      ],
    ],
  ]),
  ...commits('partitions that are not there', [
    [
      't',
      [
        [7, 1],
        [0, 5],
        [-1, 1],
        [1, 6],
      ],
    ],
  ]),
  ...commits('topics that are not there', [
    ['nil', [[0, 1]]],
    ['t', [[0, 5]]],
    ['nil', [[1, 1]]],
  ]),
  ...commits('nothing that is there', [['nil', [[0, 1]]]], { generationIdOrMemberEpoch: 5 }),
  ...commits('a topic without a name', [
    ['', [[0, 1]]],
    ['t', []],
  ]),
  ...commits('a topic twice and a partition twice', [
    [
      't',
      [
        [0, 1],
        [0, 2],
      ],
    ],
    [
      't',
      [
        [0, 3],
        [9, 1],
      ],
    ],
  ]),
  ...commits('no topics', []),
  ...commits('the empty group id', one, { groupId: '' }, [2, 9, 10]),
  ...commits(
    'offsets below zero',
    [
      [
        't',
        [
          [0, -1],
          [1, -7],
        ],
      ],
    ],
    {},
    [2, 9],
  ),
  ...commits(
    'the longest text, and a longer one',
    [
      [
        't',
        [
          [0, 1, long],
          [1, 1, `${long}.`],
        ],
      ],
    ],
    {},
    [2, 9],
  ),
  ...commits('only texts that are too long', [['t', [[0, 1, `${long}.`]]]], {}, [9]),
  ...commits('a generation of an unknown group', one, { generationIdOrMemberEpoch: 0 }),
  ...commits('a generation below -1', one, { generationIdOrMemberEpoch: -7, memberId: 'm' }),
  ...commits('a member of an unknown group', one, { memberId: 'm' }),
  ...commits('an instance of an unknown group', one, { groupInstanceId: 'i' }, [7, 9]),
  ...commits('a retention that has passed', one, { retentionTimeMs: 0 }, [2, 3, 4]),
  ...commits('a retention below zero', one, { retentionTimeMs: -5 }, [2]),
]

/** Records of more than a batch of `__consumer_offsets` takes. */
const oversized = steps('OffsetCommit v9: more than a batch takes', async (connection, world) => {
  const groupId = 'x'.repeat(30_000)
  const topics: Topics = Array.from({ length: 40 }, () => ['t', [[0, 5]]])
  const answer = await connection.ask(offsetCommit, 9, commitOf(world, 9, topics, { groupId }))
  const codes = answer.topics.flatMap(({ partitions }) => partitions.map((one) => one.errorCode))
  const after = await connection.ask(offsetCommit, 9, commitOf(world, 9, one, { groupId }))
  return [codes.length, new Set(codes).size, codes[0], after.topics.length]
})

/** One member of the classic protocol, alone. @returns its id, in generation 1. */
async function joinClassic(
  connection: RawConnection,
  groupId: string,
  topic: string,
  protocolType = 'consumer',
): Promise<string> {
  const protocols = [{ name: 'range', metadata: subscription(topic) }]
  const timeouts = { sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000 }
  const whole = { groupId, memberId: '', protocolType, protocols, ...timeouts }
  const { memberId } = await connection.ask(joinGroup, 3, whole)
  return memberId
}

async function sync(
  connection: RawConnection,
  groupId: string,
  memberId: string,
): Promise<unknown> {
  const assignments = [{ memberId, assignment: new Uint8Array(0) }]
  return await connection.ask(syncGroup, 3, { groupId, memberId, generationId: 1, assignments })
}

const classicCommits = commitVersions.map((version) =>
  steps(`OffsetCommit v${version}: members of a classic group`, async (connection, world) => {
    const groupId = `classic-commits-${version}`
    const memberId = await joinClassic(connection, groupId, world.topic)
    const commit = (more: Partial<Commit>, offset = 5) => {
      const given = { groupId, memberId, generationIdOrMemberEpoch: 1, ...more }
      const topics: Topics = [
        ['t', [[0, offset]]],
        ['nil', [[0, 1]]],
      ]
      return connection.ask(offsetCommit, version, commitOf(world, version, topics, given))
    }
    return [
      await commit({}),
      await sync(connection, groupId, memberId).then(() => 'synced'),
      await commit({}),
      await commit({ generationIdOrMemberEpoch: 0 }, 6),
      await commit({ generationIdOrMemberEpoch: 2 }, 6),
      await commit({ generationIdOrMemberEpoch: -1 }, 6),
      await commit({ memberId: '', generationIdOrMemberEpoch: -1 }, 6),
      await commit({ memberId: 'other' }, 6),
      await commit({ groupInstanceId: 'other' }, 6),
      await committed(connection, groupId),
    ]
  }),
)

const consumerCommits = commitVersions.map((version) =>
  steps(`OffsetCommit v${version}: members of a consumer group`, async (connection, world) => {
    const groupId = `consumer-commits-${version}`
    const joined = await connection.ask(consumerGroupHeartbeat, 1, {
      groupId,
      memberId: 'm',
      memberEpoch: 0,
      rebalanceTimeoutMs: 30_000,
      subscribedTopicNames: [world.topic],
      topicPartitions: [],
    })
    const epoch = joined.memberEpoch
    const commit = (more: Partial<Commit>, offset = 5) => {
      const given = { groupId, memberId: 'm', generationIdOrMemberEpoch: epoch, ...more }
      return connection.ask(
        offsetCommit,
        version,
        commitOf(world, version, [['t', [[0, offset]]]], given),
      )
    }
    const fetch = (memberId: string | null, memberEpoch: number) =>
      connection.ask(offsetFetch, 9, {
        groups: [{ groupId, memberId, memberEpoch, topics: null }],
      })
    return [
      await commit({}),
      await commit({ generationIdOrMemberEpoch: epoch - 1 }, 6),
      await commit({ generationIdOrMemberEpoch: epoch + 1 }, 6),
      await commit({ generationIdOrMemberEpoch: -1 }, 6),
      await commit({ memberId: '', generationIdOrMemberEpoch: -1 }, 6),
      await commit({ memberId: 'other' }, 6),
      await fetch('m', epoch),
      await fetch('m', epoch + 1),
      await fetch('m', -1),
      await fetch('other', epoch),
      await fetch('', -1),
      await fetch(null, epoch),
      await fetch(null, -1),
    ]
  }),
)

type Fetch = RequestInput<typeof offsetFetch>
const fetches = rowsOf(offsetFetch, 9)

/** Names with indexes, as OffsetFetch asks for them in a version; null for all. */
function asked(
  world: World,
  version: number,
  topics: readonly (readonly [string, number[]])[] | null,
) {
  return (
    topics?.map(([name, partitionIndexes]) => {
      return { ...named(world, version, name), partitionIndexes }
    }) ?? null
  )
}

/** The question about one group in the form of any version. */
function fetchOf(
  world: World,
  version: number,
  groupId: string,
  topics: readonly (readonly [string, number[]])[] | null,
): Fetch {
  const stable = version >= 7 ? { requireStable: true } : {}
  if (version >= 8)
    return { groups: [{ groupId, topics: asked(world, version, topics) }], ...stable }
  const single = topics?.map(([name, partitionIndexes]) => ({
    name: name === 't' ? world.topic : name,
    partitionIndexes,
  }))
  return { groupId, topics: single ?? null, ...stable }
}

const fetchRequests: readonly BadRequest[] = [
  ...fetches(
    'a group that is not there',
    (world, version) =>
      fetchOf(world, version, 'nobody', [
        ['t', [0, 1, 7, -1]],
        ['nil', [0]],
      ]),
    fetchVersions,
  ),
  ...fetches(
    'all of a group that is not there',
    (world, version) => fetchOf(world, version, 'nobody', null),
    fetchVersions.slice(1),
  ),
  ...fetches(
    'the empty group id',
    (world, version) => fetchOf(world, version, '', [['t', [1]]]),
    [1, 7, 9],
  ),
  ...fetches('no topics', (world, version) => fetchOf(world, version, 'nobody', []), fetchVersions),
  ...fetches(
    'no partitions',
    (world, version) => fetchOf(world, version, 'nobody', [['t', []]]),
    [1, 9],
  ),
  ...fetches('a topic without a name', (world, version) =>
    fetchOf(world, version, 'nobody', [['', [0]]]),
  ),
  ...fetches('no groups', () => ({ groups: [] }), batchVersions),
  ...fetches(
    'members of a group that is not there',
    () => ({ groups: [{ groupId: 'nobody', memberId: 'm', memberEpoch: 3, topics: null }] }),
    [9, 10],
  ),
  ...fetchVersions.map((version) =>
    steps(`OffsetFetch v${version}: a group's offsets`, async (connection, world) => {
      const groupId = `fetched-${version}`
      const topics: Topics = [
        [
          't',
          [
            [0, 5, 'text'],
            [1, -1],
          ],
        ],
      ]
      await connection.ask(offsetCommit, 9, commitOf(world, 9, topics, { groupId }))
      const some = fetchOf(world, version, groupId, [
        ['nil', [0]],
        ['t', [1, 0, 0, 7]],
      ])
      const all = fetchOf(world, version, groupId, null)
      const answers: unknown[] = [await connection.ask(offsetFetch, version, some)]
      if (version > 1) answers.push(await connection.ask(offsetFetch, version, all))
      if (version < 8) return answers
      const groups = [...(some.groups ?? []), ...(all.groups ?? []), ...(some.groups ?? [])]
      return [...answers, await connection.ask(offsetFetch, version, { groups })]
    }),
  ),
]

const deletes = rowsOf(offsetDelete, 0)
type Deleted = Readonly<Record<string, readonly number[]>>

function deletion(world: World, groupId: string, topics: Deleted) {
  return {
    groupId,
    topics: Object.entries(topics).map(([name, indexes]) => ({
      name: name === 't' ? world.topic : name === 'u' ? world.compacted : name,
      partitions: indexes.map((partitionIndex) => ({ partitionIndex })),
    })),
  }
}

const deleteRequests: readonly BadRequest[] = [
  ...['', 'nobody'].flatMap((groupId) => [
    ...deletes(`of the group '${groupId}'`, (world) =>
      deletion(world, groupId, { t: [0], nil: [0] }),
    ),
    ...deletes(`of the group '${groupId}', nothing that is there`, (world) =>
      deletion(world, groupId, { nil: [0], t: [7, -1] }),
    ),
    ...deletes(`of the group '${groupId}', no topics`, (world) => deletion(world, groupId, {})),
    ...deletes(`of the group '${groupId}', no partitions`, (world) =>
      deletion(world, groupId, { t: [] }),
    ),
  ]),
  steps('OffsetDelete v0: offsets of nobody', async (connection, world) => {
    const groupId = 'deleted'
    const topics: Topics = [
      [
        't',
        [
          [0, 5],
          [1, 6],
        ],
      ],
    ]
    await connection.ask(offsetCommit, 9, commitOf(world, 9, topics, { groupId }))
    const asked = deletion(world, groupId, { t: [0, 0, 7], nil: [0], u: [0] })
    return [
      await connection.ask(offsetDelete, 0, asked),
      await committed(connection, groupId),
      await connection.ask(offsetDelete, 0, deletion(world, groupId, { t: [1] })),
      await connection.ask(offsetDelete, 0, deletion(world, groupId, { t: [1] })),
      await connection.ask(deleteGroups, 2, { groupsNames: [groupId] }),
      await connection.ask(offsetDelete, 0, deletion(world, groupId, { t: [1] })),
    ]
  }),
  ...['consumer', 'connect'].map((protocolType) =>
    steps(`OffsetDelete v0: a ${protocolType} group with members`, async (connection, world) => {
      const groupId = `deleted-${protocolType}`
      const memberId = await joinClassic(connection, groupId, world.topic, protocolType)
      await sync(connection, groupId, memberId)
      return [
        await connection.ask(offsetDelete, 0, deletion(world, groupId, { t: [0], u: [0] })),
        await connection.ask(offsetDelete, 0, deletion(world, groupId, { u: [0] })),
        await connection.ask(deleteGroups, 2, { groupsNames: [groupId] }),
      ]
    }),
  ),
]

/** Commits, fetches and deletions of offsets that fail, be it in part, and some that do not. */
export const offsetRequests: readonly BadRequest[] = [
  ...commitRequests,
  oversized,
  ...classicCommits,
  ...consumerCommits,
  ...fetchRequests,
  ...deleteRequests,
]
