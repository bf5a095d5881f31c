import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partitionOf } from '../../coordinator/partition-of.ts'
import { metadata } from '../../protocol/api/03-metadata.ts'
import { findCoordinator } from '../../protocol/api/10-find-coordinator.ts'
import { deleteTopics } from '../../protocol/api/20-delete-topics.ts'
import { describeConfigs } from '../../protocol/api/32-describe-configs.ts'
import { errorName } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { TestBroker } from '../broker-fixtures-for-test.ts'

const OFFSETS = '__consumer_offsets'
const GROUP = 0
const TOPIC_RESOURCE = 2

async function find(b: TestBroker, ...coordinatorKeys: string[]) {
  const { coordinators } = await b.ask(findCoordinator, { keyType: GROUP, coordinatorKeys })
  return coordinators.map(({ nodeId, errorCode }) => [nodeId, errorName(errorCode)])
}

async function offsetsTopic(b: TestBroker) {
  const { topics } = await b.ask(metadata, { topics: [{ name: OFFSETS }] })
  return topics[0]!
}

test('the first one who asks for a group has the topic made, and is answered', async () => {
  const b = await TestBroker.start()
  assert.deepEqual(await find(b, 'g', 'h'), [
    [1, 'NONE'],
    [1, 'NONE'],
  ])
  const { partitions, isInternal, errorCode } = await offsetsTopic(b)
  assert.equal(errorCode, 0)
  assert.equal(partitions.length, 50)
  assert.equal(isInternal, true)
})

test('the topic gets Kafka’s settings, and as many replicas as there are brokers', async () => {
  const b = await TestBroker.start({
    config: { 'offsets.topic.num.partitions': '3', 'offsets.topic.segment.bytes': '2097152' },
  })
  await find(b, 'g')
  const { partitions } = await offsetsTopic(b)
  assert.deepEqual(
    partitions.map(({ replicaNodes }) => replicaNodes),
    [[1], [1], [1]],
  )
  const asked = ['cleanup.policy', 'compression.type', 'segment.bytes']
  const resource = { resourceType: TOPIC_RESOURCE, resourceName: OFFSETS, configurationKeys: asked }
  const { results } = await b.ask(describeConfigs, { resources: [resource] })
  const configs = results[0]!.configs.map(({ name, value }) => [name, value])
  assert.deepEqual(Object.fromEntries(configs), {
    'cleanup.policy': 'compact',
    'compression.type': 'producer',
    'segment.bytes': '2097152',
  })
})

test('many who ask at once are all answered, and the topic is made once', async () => {
  const b = await TestBroker.start()
  const connections = await Promise.all(Array.from({ length: 20 }, () => b.connect()))
  const answers = connections.map((connection) =>
    connection.send(findCoordinator, 6, { keyType: GROUP, coordinatorKeys: ['g'] }),
  )
  for (const { coordinators } of await b.simulation.until(Promise.all(answers))) {
    assert.equal(coordinators[0]!.errorCode, 0)
  }
})

test('a topic that cannot be made is COORDINATOR_NOT_AVAILABLE, and is made when it can be', async () => {
  const b = await TestBroker.start({ config: { 'moldau.max.partitions': '20' } })
  assert.deepEqual(await find(b, 'g'), [[-1, 'COORDINATOR_NOT_AVAILABLE']])
  const old = await b.ask(findCoordinator, { key: 'g' }, 3)
  assert.equal(errorName(old.errorCode), 'COORDINATOR_NOT_AVAILABLE')
  await b.stop()
  await b.start({ 'moldau.max.partitions': '1000' })
  assert.deepEqual(await find(b, 'g'), [[1, 'NONE']])
})

test('a topic that was deleted is made again', async () => {
  const b = await TestBroker.start()
  await find(b, 'g')
  await b.ask(deleteTopics, { topics: [{ name: OFFSETS, topicId: ZERO_UUID }], timeoutMs: 1_000 })
  assert.deepEqual(await find(b, 'g'), [[1, 'NONE']])
})

test('transactional ids and share partitions are sent here, keys that are none refused', async () => {
  const b = await TestBroker.start()
  const share = `g:${'A'.repeat(22)}:0`
  const asked = [
    [1, 'x', 'NONE'],
    [2, share, 'NONE'],
    [2, 'x', 'INVALID_REQUEST'],
  ] as const
  for (const [keyType, key, error] of asked) {
    const { coordinators } = await b.ask(findCoordinator, { keyType, coordinatorKeys: [key] })
    assert.equal(errorName(coordinators[0]!.errorCode), error)
  }
  assert.equal((await offsetsTopic(b)).partitions.length, 0)
  assert.equal(partitionOf('g', 50), 3)
})
