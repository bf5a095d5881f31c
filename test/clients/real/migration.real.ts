import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Broker } from '../broker.ts'
import { startBroker } from '../harness.ts'
import { noOracle, startOracle } from '../oracle.ts'
import { RawConnection } from '../raw/connection.ts'
import { createTopic, findGroup } from '../raw/requests.ts'
import { uniqueTopic } from '../support.ts'
import { GroupTalk, type Topic } from './group-talk.ts'
import { walkMixed } from './mixed-walk.ts'

const skip = await noOracle()
const topicName = uniqueTopic('migration')
const partitionCount = 4
const all = [0, 1, 2, 3]
const walkCount = 20

/** What clients of one group say; every broker is told the same. */
interface Scenario {
  readonly name: string
  /** It ends in a rebalance of a classic group: Kafka has its members down for what they were to have,
   *  Moldau for what they hold; and the leader is found by ids that are made up. */
  readonly rebalances?: true
  readonly talk: (talk: GroupTalk) => Promise<void>
}

/** A classic group of one member `a`, which has everything. */
async function found(talk: GroupTalk, owned = all): Promise<void> {
  await talk.join('a')
  await talk.sync('a', 1, { a: owned })
}

/** … which becomes a group of `a` and `b`, of the consumer protocol, with two partitions each. */
async function foundMixed(talk: GroupTalk, instanceId: string | null = null): Promise<void> {
  await found(talk)
  await talk.beat('b', { instanceId })
  await talk.heartbeat('a', 1)
  await talk.join('a')
  await talk.sync('a', 2)
  await talk.beat('b', { memberEpoch: 2, instanceId })
}

const there: readonly Scenario[] = [
  {
    name: 'a classic group of one goes over and back',
    async talk(talk) {
      await found(talk)
      await talk.commit('a', 1, 7)
      await talk.look()
      await talk.beat('b')
      await talk.look()
      await talk.commit('a', 1, 8)
      await talk.commit('b', 2, 9, 1)
      await talk.sync('a', 1)
      await talk.heartbeat('a', 1)
      await talk.beatWith('b', 2, [])
      await talk.join('a')
      await talk.look()
      await talk.sync('a', 2)
      await talk.beatWith('b', 2, [])
      await talk.beatWith('b', 2, [2, 3])
      await talk.heartbeat('a', 2)
      await talk.commit('a', 1, 10)
      await talk.commit('a', 2, 11)
      await talk.committed('a')
      await talk.committed('b', 2)
      await talk.look()
      await talk.beat('b', { memberEpoch: -1 })
      await talk.look()
      await talk.heartbeat('a', 2)
      await talk.commit('a', 2, 12)
      await talk.join('a')
      await talk.sync('a', 3, { a: all })
      await talk.heartbeat('a', 3)
      await talk.committed('a')
      await talk.look()
      await talk.leave('a')
      await talk.look()
    },
  },
  {
    name: 'several classic members go over one by one, and back',
    async talk(talk) {
      await talk.join('a')
      await Promise.all([talk.join('b'), rejoinWhenTold(talk, 'a', 1)])
      const parts = { a: [0, 1], b: [2, 3] }
      await Promise.all([talk.sync('a', 2, parts), talk.sync('b', 2, parts)])
      await talk.look()
      await talk.leave('b')
      await talk.heartbeat('a', 2)
      await talk.beat('d')
      await talk.look()
      await talk.heartbeat('a', 2)
      await talk.join('a')
      await talk.sync('a', 3)
      await talk.beatWith('d', 3, [])
      await talk.look()
      await talk.leave('a')
      await talk.look()
      await talk.beatWith('d', 3, [2, 3])
      await talk.look()
      await talk.join('c')
      await talk.look()
    },
  },
  {
    name: 'cooperative members say what they hold, and give up what they must',
    async talk(talk) {
      await talk.join('a', { owned: [] })
      await talk.sync('a', 1, { a: all })
      await talk.join('a', { owned: all })
      await talk.sync('a', 2, { a: all })
      await talk.beat('b')
      await talk.heartbeat('a', 2)
      await talk.join('a', { owned: all })
      await talk.look()
      await talk.sync('a', 2)
      await talk.heartbeat('a', 2)
      await talk.beatWith('b', 3, [])
      await talk.join('a', { owned: [0, 1] })
      await talk.sync('a', 3)
      await talk.heartbeat('a', 3)
      await talk.beatWith('b', 3, [])
      await talk.look()
    },
  },
  {
    name: 'a classic client that joins a consumer group',
    rebalances: true,
    async talk(talk) {
      await talk.beat('b')
      await talk.join('x', { protocolType: 'connect' })
      await talk.join('x', { protocols: [] })
      await talk.join('x', { sessionTimeoutMs: 1 })
      await talk.join('x', { memberId: 'y', groupInstanceId: 'i' })
      await talk.join('a')
      await talk.look()
      await talk.join('x', { protocols: [{ name: 'odd', metadata: talk.subscription() }] })
      await talk.sync('a', 3)
      await talk.heartbeat('a', 3)
      await talk.heartbeat('a', 2)
      await talk.heartbeat('b', 3)
      await talk.sync('b', 3)
      await talk.sync('nobody', 3)
      await talk.sync('a', 3, {}, { protocolName: 'odd' })
      await talk.sync('a', 3, {}, { protocolType: 'odd' })
      await talk.heartbeat('a', 3, { groupInstanceId: 'i' })
      await talk.beat('b', { memberEpoch: 2 })
      await talk.beatWith('b', 2, [0, 1])
      await talk.heartbeat('a', 3)
      await talk.join('a')
      await talk.sync('a', 3)
      await talk.look()
      await talk.leave('x', [{ memberId: 'x' }, { memberId: 'b' }])
      await talk.look()
    },
  },
  {
    name: 'classic clients of old versions join a consumer group by ids of their own',
    async talk(talk) {
      await talk.beat('b')
      await talk.join('e', { version: 3, memberId: 'e' })
      await talk.join('f', { version: 0, memberId: 'f' })
      await talk.look()
      await talk.leave('x', [{ memberId: 'x' }, { memberId: 'e' }])
      await talk.look()
    },
  },
  {
    name: 'a classic client with another topic joins, and joins again with others',
    async talk(talk) {
      await talk.beat('b')
      await talk.join('a', { topics: ['absent'] })
      await talk.sync('a', 3)
      await talk.look()
      await talk.join('a', { topics: ['absent', topicName] })
      await talk.sync('a', 3)
      await talk.look()
    },
  },
  {
    name: 'static classic members in a consumer group',
    async talk(talk) {
      const groupInstanceId = 'i'
      await talk.beat('b')
      const { memberId: before } = await talk.join('a', { memberId: '', groupInstanceId })
      await talk.sync('a', 3, {}, { groupInstanceId })
      await talk.look()
      await talk.join('a', { memberId: '', groupInstanceId })
      await talk.look()
      await talk.heartbeat('a', 3, { memberId: before, groupInstanceId })
      await talk.heartbeat('a', 3, { groupInstanceId })
      await talk.join('a', { groupInstanceId })
      await talk.leave('a', [{ memberId: before, groupInstanceId }])
      await talk.leave('a', [{ memberId: '', groupInstanceId: 'j' }])
      await talk.leave('a', [{ memberId: '', groupInstanceId }])
      await talk.look()
    },
  },
  {
    name: 'a static member of the consumer protocol comes back as a classic one',
    async talk(talk) {
      const groupInstanceId = 'i'
      await foundMixed(talk, groupInstanceId)
      await talk.look()
      await talk.beat('b', { memberEpoch: -2, instanceId: groupInstanceId })
      const { generationId } = await talk.join('c', { groupInstanceId })
      await talk.look()
      await talk.sync('c', generationId, {}, { groupInstanceId })
      await talk.heartbeat('a', 2)
      await talk.heartbeat('c', generationId, { groupInstanceId })
      await talk.look()
    },
  },
  {
    name: 'a static classic member comes back as one of the consumer protocol',
    async talk(talk) {
      const groupInstanceId = 'i'
      await talk.join('a', { groupInstanceId })
      await talk.sync('a', 1, { a: all }, { groupInstanceId })
      await talk.beat('b', { instanceId: groupInstanceId })
      await talk.look()
      await talk.heartbeat('a', 1, { groupInstanceId })
      await talk.beatWith('b', 2, all)
      await talk.look()
    },
  },
  {
    name: 'the last member of the consumer protocol leaves while others still give up partitions',
    rebalances: true,
    async talk(talk) {
      await found(talk)
      await talk.beat('b')
      await talk.beat('b', { memberEpoch: -1 })
      await talk.heartbeat('a', 1)
      await talk.join('a')
      await talk.sync('a', 3, { a: all })
      await talk.look()
    },
  },
  {
    name: 'LeaveGroup takes out members of both protocols',
    async talk(talk) {
      await foundMixed(talk)
      await talk.leave('a', [{ memberId: 'b' }, { memberId: 'nobody' }])
      await talk.look()
    },
  },
  {
    name: 'an empty group changes its kind',
    async talk(talk) {
      await found(talk)
      await talk.leave('a')
      await talk.beat('b')
      await talk.look()
      await talk.beat('b', { memberEpoch: -1 })
      await talk.look()
      await talk.heartbeat('a', 1)
      await talk.sync('a', 1)
      await talk.leave('a')
      await talk.join('c')
      await talk.look()
    },
  },
  {
    name: 'a classic group refuses what it cannot take in',
    async talk(talk) {
      await found(talk)
      await talk.beat('b', { memberEpoch: 1 })
      await talk.beat('b', { memberEpoch: -1 })
      await talk.beat('b', { memberEpoch: -2, instanceId: 'i' })
      await talk.committed('b', 1)
      await talk.commit('b', 1, 3)
      await talk.look()
    },
  },
  {
    name: 'a group of others than consumers stays classic',
    async talk(talk) {
      await talk.join('a', { protocolType: 'connect' })
      const assignments = [{ memberId: talk.idOf('a'), assignment: talk.assignment(all) }]
      await talk.sync('a', 1, {}, { protocolType: 'connect', assignments })
      await talk.beat('b')
      await talk.look()
    },
  },
  {
    name: 'a group whose words cannot be read stays classic',
    async talk(talk) {
      await talk.join('a', { protocols: [{ name: 'range', metadata: Buffer.of(0) }] })
      await talk.sync('a', 1, { a: all })
      await talk.beat('b')
      await talk.look()
    },
  },
  {
    name: 'a group with an assignor of its own stays classic',
    async talk(talk) {
      await talk.join('a')
      const assignment = talk.assignment(all, Buffer.from('mine'))
      await talk.sync('a', 1, {}, { assignments: [{ memberId: talk.idOf('a'), assignment }] })
      await talk.beat('b')
      await talk.look()
    },
  },
]

/** What is tried with every policy. */
const under: readonly Scenario[] = [
  {
    name: 'a member of the consumer protocol comes to a classic group',
    async talk(talk) {
      await found(talk)
      await talk.beat('b')
      await talk.heartbeat('a', 1)
      await talk.look()
    },
  },
  {
    name: 'a classic member comes to a consumer group, and is left alone',
    rebalances: true,
    async talk(talk) {
      await talk.beat('b')
      await talk.join('a')
      await talk.look()
      await talk.beat('b', { memberEpoch: -1 })
      await talk.look()
    },
  },
]

const walks: readonly Scenario[] = Array.from({ length: walkCount }, (_, index) => ({
  name: `members of both protocols talk at random, seed ${index + 1}`,
  talk: (talk) => walkMixed(talk, index + 1),
}))

const suites = {
  bidirectional: [...there, ...under, ...walks],
  upgrade: under,
  downgrade: under,
  disabled: under,
} satisfies Record<string, readonly Scenario[]>

for (const [policy, scenarios] of Object.entries(suites))
  describe(`migration (${policy}) goes on as with Kafka`, { skip }, () => {
    let brokers: readonly Broker[] = []
    let topics: readonly Topic[] = []
    before(async () => {
      const config = {
        'group.consumer.migration.policy': policy,
        'group.consumer.assignment.interval.ms': '0',
        'group.initial.rebalance.delay.ms': '0',
        'offsets.topic.num.partitions': '1',
      }
      brokers = await Promise.all([startOracle({ config }), startBroker({ config })])
      topics = await Promise.all(brokers.map(({ bootstrap }) => prepare(bootstrap)))
    })
    after(() => Promise.all(brokers.map((broker) => broker[Symbol.asyncDispose]())))

    for (const [index, { name, rebalances, talk }] of scenarios.entries())
      test(name, async () => {
        const notCompared = rebalances ? ['assignment', 'memberAssignment', 'leader'] : []
        const transcripts = await Promise.all(
          brokers.map(async ({ bootstrap }, which) => {
            const one = new GroupTalk(bootstrap, `group-${index}`, topics[which]!, notCompared)
            await talk(one).finally(() => one.close())
            return one.transcript
          }),
        )
        assert.deepEqual(transcripts[1], transcripts[0])
      })
  })

async function prepare(bootstrap: string): Promise<Topic> {
  const connection = await RawConnection.open(bootstrap)
  const { topicId } = await createTopic(connection, topicName, partitionCount)
  await findGroup(connection, 'any')
  connection.close()
  return { name: topicName, id: topicId }
}

/** Sends heartbeats until the member hears that it has to join, and joins. */
async function rejoinWhenTold(talk: GroupTalk, name: string, generation: number): Promise<void> {
  while ((await talk.heartbeatQuietly(name, generation)).errorCode === 0);
  await talk.join(name)
}
