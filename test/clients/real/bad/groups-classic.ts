import { joinGroup } from '../../../../src/protocol/api/11-join-group.ts'
import { heartbeat } from '../../../../src/protocol/api/12-heartbeat.ts'
import { leaveGroup } from '../../../../src/protocol/api/13-leave-group.ts'
import { syncGroup } from '../../../../src/protocol/api/14-sync-group.ts'
import { describeGroups } from '../../../../src/protocol/api/15-describe-groups.ts'
import { deleteGroups } from '../../../../src/protocol/api/42-delete-groups.ts'
import type { RawConnection } from '../../raw/connection.ts'
import { type BadRequest, rowsOf, steps } from './row.ts'

const upTo = (last: number): number[] => Array.from({ length: last + 1 }, (_, version) => version)

/** What a consumer tells of itself (version 0 of its protocol): that it wants one topic. */
export function subscription(topic: string): Uint8Array {
  const bytes = Buffer.alloc(2 + 4 + 2 + topic.length + 4)
  bytes.writeInt32BE(1, 2)
  bytes.writeInt16BE(topic.length, 6)
  bytes.write(topic, 8)
  bytes.writeInt32BE(-1, 8 + topic.length)
  return bytes
}

/** What a JoinGroup says besides what every one of these tests says alike. */
interface Joining {
  readonly groupId?: string
  readonly memberId?: string
  readonly sessionTimeoutMs?: number
  readonly protocolType?: string
  readonly protocols?: readonly { readonly name: string; readonly metadata: Uint8Array }[]
  readonly groupInstanceId?: string
}

const range = { name: 'range', metadata: subscription('t') }

function joining(version: number, { groupInstanceId, ...given }: Joining) {
  return {
    groupId: 'nobody',
    memberId: '',
    sessionTimeoutMs: 10_000,
    protocolType: 'consumer',
    protocols: [range],
    ...given,
    ...(version >= 1 && { rebalanceTimeoutMs: 10_000 }),
    ...(version >= 5 && groupInstanceId !== undefined && { groupInstanceId }),
  }
}

const join = rowsOf(joinGroup, 9)
const joins = (name: string, given: Joining, versions = upTo(9)): BadRequest[] =>
  join(name, (_, version) => joining(version, given), versions)

const joinRequests: readonly BadRequest[] = [
  ...joins('an empty group id', { groupId: '' }),
  ...joins('an empty group id and a member id', { groupId: '', memberId: 'm' }),
  ...joins('a session that is too short', { sessionTimeoutMs: 5_999 }),
  ...joins('a session that is too long', { sessionTimeoutMs: 1_800_001, memberId: 'm' }),
  ...joins('a session below zero', { sessionTimeoutMs: -1 }),
  ...joins('a member that no group knows', { memberId: 'm' }),
  ...joins('no protocols', { protocols: [] }),
  ...joins('an empty protocol type', { protocolType: '' }),
  ...joins('an instance that no group knows', { memberId: 'm', groupInstanceId: 'i' }, [5, 7, 9]),
]

interface Synced {
  readonly groupId?: string
  readonly protocolType?: string | null
  readonly protocolName?: string | null
}

const sync = rowsOf(syncGroup, 5)
const syncs = (name: string, given: Synced, versions = upTo(5)): BadRequest[] =>
  sync(
    name,
    (_, version) => ({
      groupId: given.groupId ?? 'nobody',
      generationId: 1,
      memberId: 'm',
      assignments: [],
      ...(version >= 5 && {
        protocolType: given.protocolType === undefined ? 'consumer' : given.protocolType,
        protocolName: given.protocolName === undefined ? 'range' : given.protocolName,
      }),
    }),
    versions,
  )

const otherRequests: readonly BadRequest[] = [
  ...syncs('an empty group id', { groupId: '' }),
  ...syncs('a group that is not there', {}),
  ...syncs('no protocol type', { protocolType: null }, [5]),
  ...syncs('no protocol name', { protocolName: null }, [5]),
  ...syncs('no protocol name and no group', { groupId: '', protocolName: null }, [5]),
  ...rowsOf(heartbeat, 4)(
    'an empty group id',
    () => ({ groupId: '', generationId: 0, memberId: 'm' }),
    upTo(4),
  ),
  ...rowsOf(heartbeat, 4)(
    'a group that is not there',
    () => ({ groupId: 'nobody', generationId: 0, memberId: 'm' }),
    upTo(4),
  ),
  ...['', 'nobody'].flatMap((groupId) => [
    ...rowsOf(leaveGroup, 2)(
      `a member of the group '${groupId}'`,
      () => ({ groupId, memberId: 'm' }),
      [0, 1, 2],
    ),
    ...rowsOf(leaveGroup, 5)(
      `members of the group '${groupId}'`,
      () => ({
        groupId,
        members: [
          { memberId: 'm', groupInstanceId: null },
          { memberId: '', groupInstanceId: 'i' },
        ],
      }),
      [3, 4, 5],
    ),
    ...rowsOf(leaveGroup, 5)(
      `nobody of the group '${groupId}'`,
      () => ({ groupId, members: [] }),
      [3, 5],
    ),
  ]),
]

/** Joins alone, with a second attempt where the first only gives an id. */
async function enter(
  connection: RawConnection,
  version: number,
  given: Joining,
): Promise<readonly unknown[]> {
  const first = await connection.ask(joinGroup, version, joining(version, given))
  const { memberId } = first
  if (first.errorCode === 0) return [memberId, first]
  const second = await connection.ask(joinGroup, version, joining(version, { ...given, memberId }))
  return [memberId, first, second]
}

/** One member's whole life, and what it is told when it says something wrong. */
const life = (version: number, groupInstanceId?: string): BadRequest =>
  steps(
    `the life of a ${groupInstanceId === undefined ? 'member' : 'static member'}, JoinGroup v${version}`,
    async (connection) => {
      const groupId = `life-${version}-${groupInstanceId ?? ''}`
      const [memberId, ...joined] = await enter(connection, version, {
        groupId,
        ...(groupInstanceId !== undefined && { groupInstanceId }),
      })
      const member = { groupId, memberId: String(memberId) }
      const instance = groupInstanceId === undefined ? {} : { groupInstanceId }
      const beat = (more: object) =>
        connection.ask(heartbeat, 4, { ...member, generationId: 1, ...instance, ...more })
      const synced = (more: object) =>
        connection.ask(syncGroup, 5, {
          ...member,
          ...instance,
          generationId: 1,
          protocolType: 'consumer',
          protocolName: 'range',
          assignments: [{ memberId: member.memberId, assignment: new Uint8Array([1, 2, 3]) }],
          ...more,
        })
      const described = (groups: readonly string[]) =>
        connection.ask(describeGroups, 6, { groups, includeAuthorizedOperations: true })
      const leave = (more: object) =>
        connection.ask(leaveGroup, 5, {
          groupId,
          members: [{ memberId: member.memberId, groupInstanceId: null, ...more }],
        })
      return [
        ...joined,
        await beat({}),
        await beat({ generationId: 0 }),
        await synced({ generationId: 7 }),
        await synced({ protocolName: 'sticky' }),
        await synced({ protocolType: 'connect' }),
        await synced({ memberId: 'nobody' }),
        await described([groupId]),
        await synced({}),
        await synced({}),
        await beat({}),
        await beat({ generationId: 2 }),
        await beat({ memberId: 'nobody' }),
        await beat({ groupInstanceId: 'nobody' }),
        await described([groupId, 'nobody', groupId]),
        await connection.ask(joinGroup, 9, joining(9, { groupId, protocolType: 'connect' })),
        await connection.ask(
          joinGroup,
          9,
          joining(9, { groupId, protocols: [{ ...range, name: 'other' }] }),
        ),
        await connection.ask(joinGroup, 9, joining(9, { ...member, memberId: 'nobody' })),
        await connection.ask(deleteGroups, 2, { groupsNames: [groupId, groupId, 'nobody', ''] }),
        await leave({ groupInstanceId: 'nobody' }),
        await leave({ memberId: 'nobody' }),
        await leave({}),
        await leave({}),
        await described([groupId]),
        await connection.ask(deleteGroups, 2, { groupsNames: [groupId] }),
        await described([groupId]),
      ]
    },
  )

const staticRequests: readonly BadRequest[] = [
  steps('a static member comes back, and its older self is fenced', async (connection) => {
    const groupId = 'static'
    const [, first] = await enter(connection, 9, { groupId, groupInstanceId: 'i' })
    const older = String(Object(first).memberId)
    const sync = (memberId: string) =>
      connection.ask(syncGroup, 5, {
        groupId,
        memberId,
        generationId: 1,
        groupInstanceId: 'i',
        protocolType: 'consumer',
        protocolName: 'range',
        assignments: [{ memberId, assignment: new Uint8Array([1]) }],
      })
    const beat = (memberId: string) =>
      connection.ask(heartbeat, 4, { groupId, memberId, generationId: 1, groupInstanceId: 'i' })
    const synced = await sync(older)
    const [newer, again] = await enter(connection, 9, { groupId, groupInstanceId: 'i' })
    return [
      first,
      synced,
      again,
      await beat(older),
      await beat(String(newer)),
      await sync(older),
      await sync(String(newer)),
      await connection.ask(
        joinGroup,
        9,
        joining(9, { groupId, groupInstanceId: 'i', memberId: older }),
      ),
      await connection.ask(leaveGroup, 5, {
        groupId,
        members: [
          { memberId: older, groupInstanceId: 'i' },
          { memberId: '', groupInstanceId: 'j' },
          { memberId: '', groupInstanceId: 'i' },
        ],
      }),
    ]
  }),
]

/** More than a record of `__consumer_offsets` may hold. */
const tooMuch = new Uint8Array(1_200_000)

const largeRequests: readonly BadRequest[] = [
  steps('an assignment that no record can hold', async (connection) => {
    const groupId = 'large-assignment'
    const [id, joined] = await enter(connection, 3, { groupId })
    const memberId = String(id)
    const assignments = [{ memberId, assignment: tooMuch }]
    const synced = { groupId, memberId, generationId: 1, assignments }
    return [joined, await connection.ask(syncGroup, 3, synced)]
  }),
  steps('a subscription that no record can hold', async (connection) => {
    const groupId = 'large-subscription'
    const protocols = [{ name: 'range', metadata: tooMuch }]
    // A first request so large would be taken for something else.
    await connection.ask(describeGroups, 6, { groups: [groupId] })
    const [id, joined] = await enter(connection, 3, { groupId, protocols })
    const member = { groupId, memberId: String(id) }
    return [
      joined,
      await connection.ask(syncGroup, 3, { ...member, generationId: 1, assignments: [] }),
    ]
  }),
  steps('a group id of 32,767 characters', async (connection) => {
    const groupId = 'g'.repeat(32_767)
    const joined = await connection.ask(joinGroup, 3, joining(3, { groupId }))
    const described = await connection.ask(describeGroups, 4, { groups: [groupId] })
    return [joined.errorCode, described.groups[0]?.groupState]
  }),
]

export const classicGroupRequests: readonly BadRequest[] = [
  ...joinRequests,
  ...otherRequests,
  ...upTo(9).map((version) => life(version)),
  ...[5, 7, 9].map((version) => life(version, 'instance')),
  ...staticRequests,
  ...largeRequests,
]
