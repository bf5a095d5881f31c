import { setTimeout } from 'node:timers/promises'
import { consumerGroupHeartbeat } from '../../../../src/protocol/api/68-consumer-group-heartbeat.ts'
import { consumerGroupDescribe } from '../../../../src/protocol/api/69-consumer-group-describe.ts'
import type { RequestInput, ResponseOf } from '../../../../src/protocol/schema.ts'
import type { RawConnection } from '../../raw/connection.ts'
import { type BadRequest, rowsOf, steps, unknownId, type World } from './row.ts'

type Beat = RequestInput<typeof consumerGroupHeartbeat>
type Said = ResponseOf<typeof consumerGroupHeartbeat>

/** A first heartbeat, which says everything. */
const joining = (world: World): Beat => ({
  groupId: 'nobody',
  memberId: 'me',
  memberEpoch: 0,
  rebalanceTimeoutMs: 10_000,
  subscribedTopicNames: [world.topic],
  topicPartitions: [],
})
const versions = [0, 1]

const beat = rowsOf(consumerGroupHeartbeat, 1)
const first = (name: string, more: Partial<Beat>, which = versions): BadRequest[] =>
  beat(name, (world) => ({ ...joining(world), ...more }), which)
const later = (name: string, more: Partial<Beat>, which = versions): BadRequest[] =>
  beat(name, () => ({ groupId: 'nobody', memberId: 'me', memberEpoch: 1, ...more }), which)

const badHeartbeats: readonly BadRequest[] = [
  ...first('an empty group id', { groupId: '' }),
  ...first('a blank group id', { groupId: '  ' }),
  ...first('an empty member id', { memberId: '' }, [1]),
  ...first('an empty instance id', { instanceId: '' }),
  ...first('an empty rack id', { rackId: '' }),
  ...first('no rebalance timeout', { rebalanceTimeoutMs: -1 }),
  ...first('no list of partitions', { topicPartitions: null }),
  ...first('partitions already', { topicPartitions: [{ topicId: unknownId, partitions: [0] }] }),
  ...first('no subscription', { subscribedTopicNames: null }),
  ...first('an assignor that nobody has', { serverAssignor: 'best' }),
  ...first('an assignor in other letters', { serverAssignor: 'Uniform' }),
  ...first('an empty assignor', { serverAssignor: '' }),
  ...first('a pattern that is none', { subscribedTopicRegex: '(' }, [1]),
  ...later('a group that is not there', {}),
  ...later('an empty member id', { memberId: '' }),
  ...later('a farewell to a group that is not there', { memberEpoch: -1 }),
  ...later('a farewell without member id', { memberEpoch: -1, memberId: '' }),
  ...later('a static farewell without instance id', { memberEpoch: -2 }),
  ...later('a static farewell to a group that is not there', { memberEpoch: -2, instanceId: 'i' }),
  ...later('an epoch that means nothing', { memberEpoch: -3 }),
]

const describe = rowsOf(consumerGroupDescribe, 1)
const describing = (name: string, groupIds: readonly string[]): BadRequest[] =>
  describe(name, () => ({ groupIds, includeAuthorizedOperations: true }), versions)

const badDescriptions: readonly BadRequest[] = [
  ...describing('no groups', []),
  ...describing('an empty group id', ['']),
  ...describing('groups that are not there', ['nobody', 'nobody']),
]

/** A group, what its members say, and what it is described as afterwards. */
function conversation(
  name: string,
  groupId: string,
  talk: (say: (more: Partial<Beat>) => Promise<Said>, world: World) => Promise<unknown[]>,
): BadRequest {
  return steps(name, async (connection, world) => {
    const say = (more: Partial<Beat>) =>
      connection.ask(consumerGroupHeartbeat, 1, {
        groupId,
        memberId: 'me',
        memberEpoch: 0,
        ...more,
      })
    const said = await talk(say, world)
    return [...said, await described(connection, groupId)]
  })
}

const described = (connection: RawConnection, groupId: string) =>
  connection.ask(consumerGroupDescribe, 1, {
    groupIds: [groupId],
    includeAuthorizedOperations: true,
  })

const conversations: readonly BadRequest[] = [
  conversation('a member joins, stays and leaves', 'life', async (say, world) => {
    const { groupId: _, ...join } = joining(world)
    const both = { topicPartitions: [{ topicId: world.topicId, partitions: [0, 1] }] }
    return [
      await say(join),
      await say({ memberEpoch: 2 }),
      await say({ memberEpoch: 2, ...both }),
      await say({ memberEpoch: 1 }),
      await say({ memberEpoch: 3 }),
      await say(join),
      await say({ memberEpoch: 2, memberId: 'other' }),
      await say({ memberEpoch: 2, rackId: 'r' }),
      await say({ memberEpoch: 2, subscribedTopicNames: ['nowhere'] }),
      await say({ memberEpoch: 2, topicPartitions: [] }),
      await say({ memberEpoch: 3, serverAssignor: 'range' }),
      await say({ memberEpoch: -2 }),
      await say({ memberEpoch: -1 }),
      await say({ memberEpoch: 2 }),
      await say({ memberEpoch: -1 }),
    ]
  }),
  conversation('a member subscribes by a pattern', 'pattern', async (say, world) => {
    const { groupId: _, subscribedTopicNames: __, ...join } = joining(world)
    let last = await say({
      ...join,
      subscribedTopicRegex: `${world.topic}.*`,
      serverAssignor: 'range',
    })
    // Kafka looks for the topics later; the member has them in the end.
    while (last.errorCode === 0 && last.assignment?.topicPartitions.length !== 1) {
      await setTimeout(50)
      last = await say({ memberEpoch: last.memberEpoch })
    }
    const { memberEpoch } = last
    return [last, await say({ memberEpoch, subscribedTopicRegex: '[' })]
  }),
  conversation('a static member goes and comes back', 'static', async (say, world) => {
    const join = { ...joining(world), groupId: 'static', instanceId: 'i', rackId: 'r' }
    return [
      await say(join),
      await say({ ...join, memberId: 'second' }),
      await say({ memberEpoch: -2, instanceId: 'i' }),
      await say({ ...join, memberId: 'second' }),
      await say({ memberEpoch: 1, instanceId: 'i' }),
      await say({ memberId: 'second', memberEpoch: 2, instanceId: 'i' }),
      await say({ memberId: 'second', memberEpoch: 2 }),
      await say({ memberId: 'second', memberEpoch: 2, instanceId: 'j' }),
      await say({ memberId: 'me', memberEpoch: -2, instanceId: 'i' }),
      await say({ memberId: 'second', memberEpoch: -1, instanceId: 'i' }),
    ]
  }),
  conversation('names of topics that no record can hold', 'large', async (say, world) => {
    const { groupId: _, ...join } = joining(world)
    const names = Array.from({ length: 6_000 }, (_, i) => `${i}`.padStart(200, '0'))
    return [
      // A first request as large as the second would be taken for something else.
      await say({ memberEpoch: 1 }),
      await say({ ...join, subscribedTopicNames: names }),
      await say({ memberEpoch: 1 }),
      await say(join),
    ]
  }),
  steps('a member without an id is given one by v0', async (connection, world) => {
    const join = { ...joining(world), groupId: 'given', memberId: '' }
    return [
      await connection.ask(consumerGroupHeartbeat, 0, join),
      await described(connection, 'given'),
    ]
  }),
]

export const consumerGroupRequests: readonly BadRequest[] = [
  ...badHeartbeats,
  ...badDescriptions,
  ...conversations,
]
