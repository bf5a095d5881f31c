import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { offsetCommit } from '../../../src/protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../../../src/protocol/api/09-offset-fetch.ts'
import { joinGroup } from '../../../src/protocol/api/11-join-group.ts'
import { leaveGroup } from '../../../src/protocol/api/13-leave-group.ts'
import { syncGroup } from '../../../src/protocol/api/14-sync-group.ts'
import { listGroups } from '../../../src/protocol/api/16-list-groups.ts'
import { deleteTopics } from '../../../src/protocol/api/20-delete-topics.ts'
import { consumerGroupHeartbeat } from '../../../src/protocol/api/68-consumer-group-heartbeat.ts'
import type { Broker } from '../broker.ts'
import { startBroker } from '../harness.ts'
import { noOracle, startOracle } from '../oracle.ts'
import { RawConnection } from '../raw/connection.ts'
import { createTopic, findGroup } from '../raw/requests.ts'
import { subscription } from './bad/groups-classic.ts'

const skip = await noOracle()

const CHECK_INTERVAL_MS = 500
/** Several looks for what has expired. */
const WAIT_MS = 4 * CHECK_INTERVAL_MS
/** Versions that carry a retention, and that are of members of the consumer protocol. */
const WITH_RETENTION = 2
const CURRENT = 9

describe('offsets and groups go when Kafka lets them go', { skip }, () => {
  let brokers: readonly Broker[] = []
  before(async () => {
    const config = {
      'offsets.retention.check.interval.ms': `${CHECK_INTERVAL_MS}`,
      'group.initial.rebalance.delay.ms': '0',
    }
    brokers = await Promise.all([startOracle({ config }), startBroker({ config })])
  })
  after(() => Promise.all(brokers.map((broker) => broker[Symbol.asyncDispose]())))

  test('by their own retention, by their topic, and by who is in their group', async () => {
    const [expected, actual] = await Promise.all(brokers.map(outcomeOf))
    assert.deepEqual(actual, expected)
    assert.deepEqual(expected?.offsets.bare, { 'kept-0': 5 })
  })
})

/** Makes groups of all kinds whose offsets are over, waits, and tells what is left. */
async function outcomeOf({ bootstrap }: Broker) {
  const connection = await RawConnection.open(bootstrap)
  for (const topic of ['read', 'kept', 'gone']) await createTopic(connection, topic, 1)
  await findGroup(connection, 'any')
  const everything = { read: 0, kept: -1, gone: -1 }
  await commit(connection, 'bare', everything)
  await commit(connection, 'over', { read: 0 })
  await commit(connection, 'long', { read: 60_000 })
  const member = await join(connection, 'at-work', 'consumer')
  await commit(connection, 'at-work', { read: 0, kept: 0, gone: -1 }, member)
  await commit(
    connection,
    'connect',
    { read: 0, kept: 0 },
    await join(connection, 'connect', 'connect'),
  )
  const left = await join(connection, 'left', 'consumer')
  await commit(connection, 'left', everything, left)
  await leave(connection, 'left', left)
  await leave(connection, 'left-nothing', await join(connection, 'left-nothing', 'consumer'))
  await consumerGroup(connection)
  await connection.ask(deleteTopics, 5, { topicNames: ['gone'], timeoutMs: 10_000 })
  await setTimeout(WAIT_MS)
  return await leftOver(connection)
}

/** Commits 5 for each topic, with its retention; -1 for none. */
async function commit(
  connection: RawConnection,
  groupId: string,
  retentions: Readonly<Record<string, number>>,
  memberId?: string,
): Promise<void> {
  const by = {
    memberId: memberId ?? '',
    generationIdOrMemberEpoch: memberId === undefined ? -1 : 1,
  }
  for (const [name, retentionTimeMs] of Object.entries(retentions)) {
    const partitions = [{ partitionIndex: 0, committedOffset: 5, committedMetadata: null }]
    const request = { groupId, ...by, retentionTimeMs, topics: [{ name, partitions }] }
    const { topics } = await connection.ask(offsetCommit, WITH_RETENTION, request)
    assert.equal(topics[0]?.partitions[0]?.errorCode, 0, `${groupId} ${name}`)
  }
}

/** One member that reads one topic, in generation 1. @returns its id. */
async function join(
  connection: RawConnection,
  groupId: string,
  protocolType: string,
): Promise<string> {
  const { memberId } = await connection.ask(joinGroup, 3, {
    groupId,
    memberId: '',
    protocolType,
    protocols: [{ name: 'range', metadata: subscription('read') }],
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
  })
  const assignments = [{ memberId, assignment: new Uint8Array(0) }]
  await connection.ask(syncGroup, 3, { groupId, memberId, generationId: 1, assignments })
  return memberId
}

async function leave(connection: RawConnection, groupId: string, memberId: string): Promise<void> {
  const members = [{ memberId, groupInstanceId: null }]
  const { errorCode } = await connection.ask(leaveGroup, 3, { groupId, members })
  assert.equal(errorCode, 0)
}

/** A group of the consumer protocol with a member, and one whose member has left. */
async function consumerGroup(connection: RawConnection): Promise<void> {
  for (const groupId of ['modern', 'modern-left']) {
    const said = { groupId, memberId: 'm', topicPartitions: [] }
    const { memberEpoch } = await connection.ask(consumerGroupHeartbeat, 1, {
      ...said,
      memberEpoch: 0,
      rebalanceTimeoutMs: 30_000,
      subscribedTopicNames: ['read'],
    })
    const partitions = [{ partitionIndex: 0, committedOffset: 5, committedMetadata: null }]
    const topics = ['read', 'gone'].map((name) => ({ name, partitions }))
    const by = { groupId, memberId: 'm', generationIdOrMemberEpoch: memberEpoch }
    await connection.ask(offsetCommit, CURRENT, { ...by, topics })
    if (groupId === 'modern') continue
    await connection.ask(consumerGroupHeartbeat, 1, { ...said, memberEpoch: -1 })
  }
}

/** The groups that are there, and all their offsets. */
async function leftOver(connection: RawConnection) {
  const { groups } = await connection.ask(listGroups, 5, {})
  const listed = groups.map(({ groupId, groupType, groupState }) => [
    groupId,
    groupType,
    groupState,
  ])
  const names = ['bare', 'over', 'long', 'at-work', 'connect', 'left', 'modern', 'modern-left']
  const asked = names.map((groupId) => ({ groupId, topics: null }))
  const fetched = await connection.ask(offsetFetch, CURRENT, { groups: asked })
  const offsets = fetched.groups.map(({ groupId, topics }) => {
    const found = topics.flatMap(({ name, partitions }) => {
      return partitions.map((one) => [`${name}-${one.partitionIndex}`, one.committedOffset])
    })
    return [groupId, Object.fromEntries(found)]
  })
  connection.close()
  return {
    groups: listed.toSorted(([a = ''], [b = '']) => a.localeCompare(b)),
    offsets: Object.fromEntries(offsets) as Readonly<Record<string, object>>,
  }
}
