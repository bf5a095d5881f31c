/** What the handlers of the group APIs add to the decisions about groups: versions, order, names, lists. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Requester } from '../network/requester.ts'
import { findCoordinator } from '../protocol/api/10-find-coordinator.ts'
import { joinGroup } from '../protocol/api/11-join-group.ts'
import { heartbeat } from '../protocol/api/12-heartbeat.ts'
import { leaveGroup } from '../protocol/api/13-leave-group.ts'
import { syncGroup } from '../protocol/api/14-sync-group.ts'
import { describeGroups } from '../protocol/api/15-describe-groups.ts'
import { listGroups } from '../protocol/api/16-list-groups.ts'
import { apiVersions } from '../protocol/api/18-api-versions.ts'
import { deleteGroups } from '../protocol/api/42-delete-groups.ts'
import { incrementalAlterConfigs } from '../protocol/api/44-incremental-alter-configs.ts'
import { consumerGroupHeartbeat } from '../protocol/api/68-consumer-group-heartbeat.ts'
import { consumerGroupDescribe } from '../protocol/api/69-consumer-group-describe.ts'
import { errorName } from '../protocol/errors.ts'
import { TestBroker } from './broker-fixtures-for-test.ts'

/** The newest version that lets a member in at its first attempt. */
const ONE_JOIN_VERSION = 3

async function start(config: Readonly<Record<string, string>> = {}): Promise<TestBroker> {
  const b = await TestBroker.start({
    config: { 'group.initial.rebalance.delay.ms': '0', ...config },
  })
  await b.createTopic('t')
  await b.ask(findCoordinator, { keyType: 0, coordinatorKeys: ['g'] })
  return b
}

const joining = (groupId: string, metadata: Uint8Array = Buffer.from([0, 0])) => ({
  groupId,
  memberId: '',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata }],
})

/** Makes a stable group of one member. */
async function makeGroup(b: TestBroker, groupId: string, metadata?: Uint8Array): Promise<string> {
  const { memberId } = await b.ask(joinGroup, joining(groupId, metadata), ONE_JOIN_VERSION)
  const assignments = [{ memberId, assignment: Buffer.from('its part') }]
  await b.ask(syncGroup, { groupId, memberId, generationId: 1, assignments }, 4)
  return memberId
}

const firstHeartbeat = (groupId: string) => ({
  groupId,
  memberId: 'm',
  memberEpoch: 0,
  rebalanceTimeoutMs: 10_000,
  subscribedTopicNames: ['t'],
  topicPartitions: [],
})

test('a join that waits holds up its own connection and no other', async () => {
  const b = await start()
  await makeGroup(b, 'g')
  const waiting = await b.connect()
  const order: string[] = []
  const joined = waiting.send(joinGroup, ONE_JOIN_VERSION, joining('g'))
  void joined.then(() => order.push('joined'))
  const listed = waiting.send(listGroups, 5, {})
  void listed.then(() => order.push('listed'))
  await b.advance(10)
  const { groups } = await b.ask(listGroups, {})
  assert.equal(groups[0]?.groupState, 'PreparingRebalance')
  assert.deepEqual(order, [])
  // The other member does not come, and is out when its session is over.
  await b.simulation.until(listed)
  assert.deepEqual(order, ['joined', 'listed'])
  await b.stop()
})

test('who joins and goes away is missed after its session, and the group goes on', async () => {
  const b = await start()
  const first = await makeGroup(b, 'g')
  const gone = await b.connect()
  const { memberId } = await b.simulation.until(gone.send(joinGroup, 9, joining('g')))
  void gone.send(joinGroup, 9, { ...joining('g'), memberId }).catch(() => {})
  await b.advance(100)
  gone.close()
  await b.advance(100)
  const again = { ...joining('g'), memberId: first }
  const { generationId, members } = await b.ask(joinGroup, again)
  assert.equal(generationId, 2)
  assert.equal(members.length, 2, 'a connection that ends says nothing about its member')
  const assignments = [{ memberId: first, assignment: Buffer.alloc(0) }]
  const protocol = { protocolType: 'consumer', protocolName: 'range' }
  const member = { groupId: 'g', memberId: first, generationId: 2 }
  await b.ask(syncGroup, { ...member, assignments, ...protocol })
  await b.advance(9_000)
  assert.equal(errorName((await b.ask(heartbeat, member)).errorCode), 'NONE')
  await b.advance(9_000)
  const { errorCode } = await b.ask(heartbeat, member)
  assert.equal(errorName(errorCode), 'REBALANCE_IN_PROGRESS')
  await b.stop()
})

test('what a group keeps of a request outlives the memory that the request came in', async () => {
  const b = await start()
  const metadata = Buffer.alloc(100_000, 'm')
  await makeGroup(b, 'g', metadata)
  for (let round = 0; round < 20; round++) {
    await b.produce('t', ['x'.repeat(100_000)])
  }
  const { groups } = await b.ask(describeGroups, { groups: ['g'] })
  const [member] = groups[0]?.members ?? []
  assert.ok(metadata.equals(member?.memberMetadata ?? new Uint8Array(0)))
  assert.equal(Buffer.from(member?.memberAssignment ?? []).toString(), 'its part')
  await b.stop()
})

test('versions that name one leaver answer with its error', async () => {
  const b = await start()
  const memberId = await makeGroup(b, 'g')
  for (const version of [0, 1, 2]) {
    const unknown = await b.ask(leaveGroup, { groupId: 'g', memberId: 'nobody' }, version)
    assert.equal(errorName(unknown.errorCode), 'UNKNOWN_MEMBER_ID')
    const nowhere = await b.ask(leaveGroup, { groupId: 'nil', memberId }, version)
    assert.equal(errorName(nowhere.errorCode), 'UNKNOWN_MEMBER_ID')
  }
  const { errorCode } = await b.ask(leaveGroup, { groupId: 'g', memberId }, 0)
  assert.equal(errorName(errorCode), 'NONE')
  const { groups } = await b.ask(describeGroups, { groups: ['g'] })
  assert.equal(groups[0]?.groupState, 'Empty')
  await b.stop()
})

test('a group of one protocol is not there for the other', async () => {
  const b = await start()
  await makeGroup(b, 'classic')
  await b.ask(consumerGroupHeartbeat, firstHeartbeat('consumer'))
  const old = await b.ask(describeGroups, { groups: ['classic', 'consumer', 'nil'] })
  assert.deepEqual(
    old.groups.map(({ errorCode, groupState, errorMessage }) => {
      return [errorName(errorCode), groupState, errorMessage]
    }),
    [
      ['NONE', 'Stable', null],
      ['GROUP_ID_NOT_FOUND', 'Dead', 'Group consumer is not a classic group.'],
      ['GROUP_ID_NOT_FOUND', 'Dead', 'Group nil not found.'],
    ],
  )
  const before = await b.ask(describeGroups, { groups: ['consumer', 'nil'] }, 5)
  assert.deepEqual(
    before.groups.map(({ errorCode, groupState }) => [errorCode, groupState]),
    [
      [0, 'Dead'],
      [0, 'Dead'],
    ],
  )
  const groupIds = ['consumer', 'classic', 'nil', '']
  const asked = { groupIds, includeAuthorizedOperations: false }
  const described = await b.ask(consumerGroupDescribe, asked)
  assert.deepEqual(
    described.groups.map(({ errorCode }) => errorName(errorCode)),
    ['NONE', 'GROUP_ID_NOT_FOUND', 'GROUP_ID_NOT_FOUND', 'INVALID_GROUP_ID'],
  )
  await b.stop()
})

const filters: readonly (readonly [
  states: readonly string[],
  types: readonly string[],
  found: readonly string[],
])[] = [
  [[], [], ['classic', 'consumer']],
  [['STABLE'], [], ['classic', 'consumer']],
  [[' stable ', 'empty'], ['Classic'], ['classic']],
  [[], ['CONSUMER', 'share'], ['consumer']],
  [['reconciling'], [], []],
  [['no state'], [], []],
  [[], ['no type'], []],
]
test('groups are listed by states and types, in whatever letters', async () => {
  const b = await start()
  await makeGroup(b, 'classic')
  await b.ask(consumerGroupHeartbeat, firstHeartbeat('consumer'))
  for (const [statesFilter, typesFilter, found] of filters) {
    const { groups } = await b.ask(listGroups, { statesFilter, typesFilter })
    const ids = groups.map(({ groupId }) => groupId).toSorted()
    assert.deepEqual(ids, found, `${statesFilter} ${typesFilter}`)
  }
  await b.stop()
})

test('a group named twice is deleted once, and each name is answered', async () => {
  const b = await start()
  await makeGroup(b, 'occupied')
  const memberId = await makeGroup(b, 'left')
  await b.ask(leaveGroup, { groupId: 'left', members: [{ memberId }] })
  const groupsNames = ['left', 'occupied', 'nil', 'left', '']
  const { results } = await b.ask(deleteGroups, { groupsNames })
  assert.deepEqual(
    results.map(({ groupId, errorCode }) => [groupId, errorName(errorCode)]),
    [
      ['left', 'NONE'],
      ['occupied', 'NON_EMPTY_GROUP'],
      ['nil', 'GROUP_ID_NOT_FOUND'],
      ['', 'GROUP_ID_NOT_FOUND'],
    ],
  )
  await b.stop()
})

test('where only the classic protocol is on, the other is offered and refused, as in Kafka', async () => {
  const b = await start({ 'group.coordinator.rebalance.protocols': 'classic' })
  const joined = await b.ask(consumerGroupHeartbeat, firstHeartbeat('g'))
  assert.equal(errorName(joined.errorCode), 'UNSUPPORTED_VERSION')
  const asked = { groupIds: ['g'], includeAuthorizedOperations: false }
  const described = await b.ask(consumerGroupDescribe, asked)
  assert.deepEqual(
    described.groups.map(({ groupId, errorCode }) => [groupId, errorName(errorCode)]),
    [['g', 'UNSUPPORTED_VERSION']],
  )
  const software = { clientSoftwareName: 'test', clientSoftwareVersion: '1' }
  const { apiKeys, finalizedFeatures } = await b.ask(apiVersions, software)
  assert.ok(apiKeys.some(({ apiKey }) => apiKey === consumerGroupHeartbeat.key))
  const level = finalizedFeatures.find(({ name }) => name === 'group.version')
  assert.equal(level?.maxVersionLevel, 1)
  await b.stop()
})

test('settings of a group act on its next heartbeat', async () => {
  const b = await start()
  const joined = await b.ask(consumerGroupHeartbeat, firstHeartbeat('g'))
  assert.equal(joined.heartbeatIntervalMs, 5_000)
  const configs = [{ name: 'consumer.heartbeat.interval.ms', configOperation: 0, value: '7000' }]
  const resources = [{ resourceType: 32, resourceName: 'g', configs }]
  await b.ask(incrementalAlterConfigs, { resources, validateOnly: false })
  const { memberEpoch } = joined
  const next = await b.ask(consumerGroupHeartbeat, { groupId: 'g', memberId: 'm', memberEpoch })
  assert.equal(next.heartbeatIntervalMs, 7_000)
  const other = await b.ask(consumerGroupHeartbeat, firstHeartbeat('other'))
  assert.equal(other.heartbeatIntervalMs, 5_000)
  await b.stop()
})

test('requests about groups that no broker leads are sent elsewhere', async () => {
  const b = await TestBroker.start()
  const connection = await b.connect()
  assert.deepEqual(await errorsOf(b, connection), {
    join: 'NOT_COORDINATOR',
    sync: 'NOT_COORDINATOR',
    beat: 'NOT_COORDINATOR',
    leave: 'NOT_COORDINATOR',
    describe: 'NOT_COORDINATOR',
    delete: 'NOT_COORDINATOR',
    modern: 'NOT_COORDINATOR',
    list: 'NONE',
  })
  await b.stop()
})

async function errorsOf(b: TestBroker, connection: Requester): Promise<Record<string, string>> {
  const member = { groupId: 'g', memberId: 'm', generationId: 1 }
  const protocol = { protocolType: 'consumer', protocolName: 'range' }
  const named = { groupIds: ['g'], includeAuthorizedOperations: false }
  const ask = <T>(sent: Promise<T>): Promise<T> => b.simulation.until(sent)
  const join = await ask(connection.send(joinGroup, 9, joining('g')))
  const sync = await ask(connection.send(syncGroup, 5, { ...member, assignments: [], ...protocol }))
  const beat = await ask(connection.send(heartbeat, 4, member))
  const leave = await ask(connection.send(leaveGroup, 5, { groupId: 'g', members: [] }))
  const described = await ask(connection.send(describeGroups, 6, { groups: ['g'] }))
  const deleted = await ask(connection.send(deleteGroups, 2, { groupsNames: ['g'] }))
  const modern = await ask(connection.send(consumerGroupDescribe, 1, named))
  const listed = await ask(connection.send(listGroups, 5, {}))
  return {
    join: errorName(join.errorCode),
    sync: errorName(sync.errorCode),
    beat: errorName(beat.errorCode),
    leave: errorName(leave.errorCode),
    describe: errorName(described.groups[0]?.errorCode ?? 0),
    delete: errorName(deleted.results[0]?.errorCode ?? 0),
    modern: errorName(modern.groups[0]?.errorCode ?? 0),
    list: errorName(listed.errorCode),
  }
}
