/** Requests of the group APIs in all their versions, and the groups they are about. */
import { offsetCommit } from '../protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../protocol/api/09-offset-fetch.ts'
import { findCoordinator } from '../protocol/api/10-find-coordinator.ts'
import { joinGroup } from '../protocol/api/11-join-group.ts'
import { heartbeat } from '../protocol/api/12-heartbeat.ts'
import { leaveGroup } from '../protocol/api/13-leave-group.ts'
import { syncGroup } from '../protocol/api/14-sync-group.ts'
import { describeGroups } from '../protocol/api/15-describe-groups.ts'
import { listGroups } from '../protocol/api/16-list-groups.ts'
import { deleteGroups } from '../protocol/api/42-delete-groups.ts'
import { offsetDelete } from '../protocol/api/47-offset-delete.ts'
import { consumerGroupHeartbeat } from '../protocol/api/68-consumer-group-heartbeat.ts'
import { consumerGroupDescribe } from '../protocol/api/69-consumer-group-describe.ts'
import { errorName } from '../protocol/errors.ts'
import type { TestBroker } from './broker-fixtures-for-test.ts'
import { type Membership, NAMES, row, UNKNOWN_ID, type VersionRow } from './version-row-for-test.ts'

/** Classic groups with one member each. */
const occupied = ['stable', 'rejoined', ...[0, 1, 2, 3, 4, 5].map((version) => `left-${version}`)]
/** Groups of nobody, with an offset of `t`. */
const unoccupied = ['bare', ...[0, 1, 2].map((version) => `deleted-${version}`)]

const protocols = [{ name: 'range', metadata: Buffer.from([0, 0]) }]
const joining = { memberId: '', sessionTimeoutMs: 30_000, protocolType: 'consumer', protocols }

/** Makes the groups that the rows are about. @returns the members of the classic ones. */
export async function makeGroups(b: TestBroker): Promise<(groupId: string) => Membership> {
  await b.ask(findCoordinator, { keyType: 0, coordinatorKeys: ['any'] })
  const members = new Map<string, Membership>()
  for (const groupId of occupied) {
    const joined = await b.ask(joinGroup, { ...joining, groupId, rebalanceTimeoutMs: 30_000 }, 3)
    const { memberId } = joined
    const assignments = [{ memberId, assignment: Buffer.from([1]) }]
    const synced = { groupId, memberId, generationId: 1, assignments }
    const { errorCode } = await b.ask(syncGroup, synced, 3)
    if (errorCode !== 0) throw new Error(`${groupId}: ${errorName(errorCode)}`)
    members.set(groupId, { groupId, memberId })
  }
  for (const groupId of unoccupied) {
    const partitions = [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }]
    await b.ask(offsetCommit, { groupId, memberId: '', topics: [{ name: 't', partitions }] }, 9)
  }
  await b.ask(consumerGroupHeartbeat, firstHeartbeat('modern', 'm'))
  return (groupId) => members.get(groupId) ?? { groupId, memberId: 'nobody' }
}

function firstHeartbeat(groupId: string, memberId: string) {
  return {
    groupId,
    memberId,
    memberEpoch: 0,
    rebalanceTimeoutMs: 30_000,
    subscribedTopicNames: ['t'],
    topicPartitions: [],
  }
}

const offsets: readonly VersionRow[] = [
  row(offsetCommit, (version, { topicId }) => {
    const named =
      version < 10 ? NAMES.map((name) => ({ name })) : [{ topicId }, { topicId: UNKNOWN_ID }]
    const topics = named.map((topic) => ({
      ...topic,
      partitions: [0, 7].map((partitionIndex) => ({
        partitionIndex,
        committedOffset: 1,
        committedMetadata: 'note',
        ...(version >= 6 && { committedLeaderEpoch: 0 }),
      })),
    }))
    const groupId = `committed-${version}`
    return [
      { groupId, memberId: '', topics },
      { groupId: 'stable', memberId: 'nobody', generationIdOrMemberEpoch: 1, topics },
      { groupId, memberId: '', topics: [] },
    ]
  }),
  row(offsetFetch, (version, { topicId }) => {
    const partitionIndexes = [0, 7]
    if (version < 8) {
      const topics = NAMES.map((name) => ({ name, partitionIndexes }))
      return ['bare', 'nil'].flatMap((groupId) => [
        { groupId, topics },
        ...(version >= 2 ? [{ groupId, topics: null }] : []),
      ])
    }
    const topics =
      version < 10
        ? NAMES.map((name) => ({ name, partitionIndexes }))
        : [topicId, UNKNOWN_ID].map((id) => ({ topicId: id, partitionIndexes }))
    const groups = ['bare', 'nil', 'stable'].flatMap((groupId) => [
      { groupId, topics },
      { groupId, topics: null },
    ])
    return [{ groups }, { groups: [], requireStable: true }]
  }),
  row(offsetDelete, () => [
    {
      groupId: 'bare',
      topics: NAMES.map((name) => ({ name, partitions: [{ partitionIndex: 0 }] })),
    },
    { groupId: 'nil', topics: [] },
  ]),
]

const classic: readonly VersionRow[] = [
  row(joinGroup, (version, { memberOf }) => {
    const usual = { ...joining, ...(version >= 1 && { rebalanceTimeoutMs: 10_000 }) }
    const groupId = `joined-${version}`
    return [
      { ...usual, ...memberOf('rejoined') },
      { ...usual, groupId },
      ...(version >= 5 ? [{ ...usual, groupId, groupInstanceId: 'i' }] : []),
      { ...usual, groupId: '' },
      { ...usual, groupId, memberId: 'unknown' },
      { ...usual, groupId, protocols: [] },
    ]
  }),
  row(heartbeat, (version, { memberOf }) => {
    const beat = { ...memberOf('stable'), generationId: 1 }
    return [
      beat,
      { ...beat, generationId: 7 },
      { ...beat, memberId: 'unknown' },
      ...(version >= 3 ? [{ ...beat, groupInstanceId: 'other' }] : []),
    ]
  }),
  row(leaveGroup, (version, { memberOf }) => {
    const { groupId, memberId } = memberOf(`left-${version}`)
    if (version < 3) {
      return [
        { groupId, memberId },
        { groupId: 'nil', memberId },
      ]
    }
    const members = [{ memberId }, { memberId: '', groupInstanceId: 'i' }]
    return [
      { groupId, members },
      { groupId: 'nil', members },
    ]
  }),
  row(syncGroup, (version, { memberOf }) => {
    const sync = { ...memberOf('stable'), generationId: 1, assignments: [] }
    const named = version < 5 ? {} : { protocolType: 'consumer', protocolName: 'range' }
    return [{ ...sync, ...named }, { ...sync, ...named, generationId: 7 }, sync]
  }),
]

const admin: readonly VersionRow[] = [
  row(describeGroups, (version) => [
    {
      groups: ['stable', 'nil', 'modern', ''],
      ...(version >= 3 && { includeAuthorizedOperations: true }),
    },
  ]),
  row(listGroups, (version) => [
    {},
    ...(version >= 4 ? [{ statesFilter: ['stable', 'no state'] }] : []),
    ...(version >= 5 ? [{ typesFilter: ['Consumer', 'no type'] }] : []),
  ]),
  row(deleteGroups, (version) => [
    { groupsNames: [`deleted-${version}`, 'nil', 'stable', 'nil', ''] },
  ]),
]

const consumer: readonly VersionRow[] = [
  row(consumerGroupHeartbeat, (version) => {
    const groupId = `modern-${version}`
    return [
      firstHeartbeat(groupId, version === 0 ? '' : 'm'),
      { groupId, memberId: 'nobody', memberEpoch: 3 },
      { ...firstHeartbeat(groupId, 'm'), serverAssignor: 'unknown' },
      { groupId: 'nil', memberId: 'm', memberEpoch: -1 },
    ]
  }),
  row(consumerGroupDescribe, () => [
    { groupIds: ['modern', 'stable', 'nil', ''], includeAuthorizedOperations: true },
  ]),
]

export const groupRows: readonly VersionRow[] = [...offsets, ...classic, ...admin, ...consumer]
