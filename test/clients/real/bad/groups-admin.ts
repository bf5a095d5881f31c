import { joinGroup } from '../../../../src/protocol/api/11-join-group.ts'
import { describeGroups } from '../../../../src/protocol/api/15-describe-groups.ts'
import { listGroups } from '../../../../src/protocol/api/16-list-groups.ts'
import { deleteGroups } from '../../../../src/protocol/api/42-delete-groups.ts'
import { consumerGroupHeartbeat } from '../../../../src/protocol/api/68-consumer-group-heartbeat.ts'
import { consumerGroupDescribe } from '../../../../src/protocol/api/69-consumer-group-describe.ts'
import type { RawConnection } from '../../raw/connection.ts'
import { subscription } from './groups-classic.ts'
import { type BadRequest, rowsOf, steps, type World } from './row.ts'

const describe = rowsOf(describeGroups, 6)
const remove = rowsOf(deleteGroups, 2)
const all = { describe: [0, 1, 2, 3, 4, 5, 6], remove: [0, 1, 2] }

const nobody: readonly BadRequest[] = [
  ...describe('no groups', () => ({ groups: [] }), all.describe),
  ...describe('groups that are not there', () => ({ groups: ['nobody', ''] }), all.describe),
  ...describe(
    'what may be done to a group that is not there',
    () => ({ groups: ['nobody'], includeAuthorizedOperations: true }),
    [3, 5, 6],
  ),
  ...remove('no groups', () => ({ groupsNames: [] }), all.remove),
  ...remove(
    'groups that are not there, one twice',
    () => ({ groupsNames: ['nobody', '', 'nobody'] }),
    all.remove,
  ),
]

/** Groups of both protocols, each with one member. */
async function populate(connection: RawConnection, world: World): Promise<void> {
  await connection.ask(joinGroup, 3, {
    groupId: 'listed-classic',
    memberId: '',
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscription(world.topic) }],
  })
  await connection.ask(consumerGroupHeartbeat, 1, {
    groupId: 'listed-consumer',
    memberId: 'me',
    memberEpoch: 0,
    rebalanceTimeoutMs: 30_000,
    subscribedTopicNames: [world.topic],
    topicPartitions: [],
  })
}

/** Groups of this file in the order of their names: others have groups of their own. */
async function list(connection: RawConnection, version: number, filter: object = {}) {
  const { groups, ...rest } = await connection.ask(listGroups, version, filter)
  const ours = groups.filter(({ groupId }) => groupId.startsWith('listed-'))
  return { ...rest, groups: ours.toSorted((a, b) => a.groupId.localeCompare(b.groupId)) }
}

const filters: readonly object[] = [
  { statesFilter: ['Stable', 'CompletingRebalance'] },
  { statesFilter: [' COMPLETINGrebalance '] },
  { statesFilter: ['stable'] },
  { statesFilter: ['no such state'] },
  { statesFilter: [''] },
  { typesFilter: ['Classic'] },
  { typesFilter: ['consumer', 'share'] },
  { typesFilter: ['no such type'] },
  { typesFilter: [' classic'] },
  { statesFilter: ['stable'], typesFilter: ['classic'] },
]

const lists: readonly BadRequest[] = [
  steps('groups are listed by every version', async (connection, world) => {
    await populate(connection, world)
    const versions = [0, 1, 2, 3, 4, 5]
    return await Promise.all(versions.map((version) => list(connection, version)))
  }),
  steps('groups are listed by state and type', async (connection, world) => {
    await populate(connection, world)
    return await Promise.all(filters.map((filter) => list(connection, 5, filter)))
  }),
  steps('a group of the other protocol is not described', async (connection, world) => {
    await populate(connection, world)
    const groups = ['listed-consumer', 'listed-classic']
    const versions = all.describe.map((version) =>
      connection.ask(describeGroups, version, { groups }),
    )
    return [
      ...(await Promise.all(versions)),
      await connection.ask(consumerGroupDescribe, 0, {
        groupIds: groups,
        includeAuthorizedOperations: false,
      }),
      await connection.ask(deleteGroups, 2, { groupsNames: groups }),
    ]
  }),
]

export const groupAdminRequests: readonly BadRequest[] = [...nobody, ...lists]
