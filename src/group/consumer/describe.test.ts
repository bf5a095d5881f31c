import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestCoordinator, topicId } from './coordinator-for-test.ts'
import { consumerStateOf, describeConsumer } from './describe.ts'

const books = topicId('books')
const part = (...partitions: number[]) => ({ topicId: books, topicName: 'books', partitions })

test('a group goes from empty over assigning and reconciling to stable, and back', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  const state = () => consumerStateOf(coordinator.group!)
  coordinator.join('a')
  assert.equal(state(), 'Stable')
  coordinator.join('b')
  assert.equal(state(), 'Assigning')
  coordinator.advance(1000)
  coordinator.heartbeat('a', 2)
  assert.equal(state(), 'Reconciling')
  coordinator.heartbeat('a', 2, { topicPartitions: [{ topicId: books, partitions: [0] }] })
  coordinator.heartbeat('b', 2)
  assert.equal(state(), 'Stable')
  coordinator.leave('a')
  assert.equal(state(), 'Assigning')
  coordinator.leave('b')
  assert.equal(state(), 'Empty')
})

test('a description tells what members have, what they must still give up, and what they shall have', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a', { rackId: 'left', instanceId: 'one' })
  coordinator.advance(1000)
  coordinator.join('b', { regex: 'b.*' })
  coordinator.heartbeat('a', 2, { instanceId: 'one' })
  const { members, ...group } = describeConsumer(coordinator.group!, coordinator.world)
  assert.deepEqual(group, {
    errorCode: 0,
    groupId: 'orders',
    groupState: 'Reconciling',
    groupEpoch: 3,
    assignmentEpoch: 3,
    assignorName: 'uniform',
  })
  const caller = { clientId: 'client', clientHost: '/127.0.0.1', memberType: 1 }
  const common = { ...caller, subscribedTopicNames: ['books'] }
  assert.deepEqual(
    [...members].sort((one, other) => (one.memberId < other.memberId ? -1 : 1)),
    [
      {
        ...common,
        memberId: 'a',
        instanceId: 'one',
        rackId: 'left',
        memberEpoch: 2,
        subscribedTopicRegex: '',
        assignment: { topicPartitions: [part(0, 1)] },
        targetAssignment: { topicPartitions: [part(0)] },
      },
      {
        ...common,
        memberId: 'b',
        instanceId: null,
        rackId: null,
        memberEpoch: 3,
        subscribedTopicRegex: 'b.*',
        assignment: { topicPartitions: [] },
        targetAssignment: { topicPartitions: [part(1)] },
      },
    ],
  )
})

test('topics that are gone are left out of a description', () => {
  const coordinator = new TestCoordinator({ books: 2 })
  coordinator.join('a')
  coordinator.setTopic('books', 0)
  const [member] = describeConsumer(coordinator.group!, coordinator.world).members
  assert.deepEqual(member?.assignment, { topicPartitions: [] })
  assert.deepEqual(member?.targetAssignment, { topicPartitions: [] })
})
