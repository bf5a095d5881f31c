import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaError } from '../../protocol/errors.ts'
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../protocol/internal/consumer-protocol.ts'
import { encodeVersioned } from '../../protocol/stored.ts'
import { rangeAssignor } from './assignors/range.ts'
import {
  assignGroup,
  decodeAssignment,
  decodeSubscription,
  encodeSubscription,
  type Subscription,
  topicsOfGroup,
} from './member-protocol.ts'

const SUBSCRIPTION: Subscription = {
  topics: ['a', 'b'],
  owned: [
    { topic: 'a', partition: 0 },
    { topic: 'a', partition: 1 },
  ],
  generation: 4,
  rackId: 'r1',
}

function joined(memberId: string, changes: Partial<Subscription> = {}) {
  const metadata = encodeSubscription({ ...SUBSCRIPTION, ...changes })
  return { memberId, groupInstanceId: null, metadata }
}

test('a subscription is read as it was written', () => {
  assert.deepEqual(decodeSubscription(encodeSubscription(SUBSCRIPTION)), SUBSCRIPTION)
})

test('a subscription that is stated in another order has the same bytes', () => {
  const { topics, owned } = SUBSCRIPTION
  const turned = { ...SUBSCRIPTION, topics: topics.toReversed(), owned: owned.toReversed() }
  assert.deepEqual(encodeSubscription(turned), encodeSubscription(SUBSCRIPTION))
})

test('a subscription of an old member has nothing that came later', () => {
  const old = encodeVersioned(consumerProtocolSubscription, 0, { topics: ['a'] })
  const expected = { topics: ['a'], owned: [], generation: -1, rackId: null }
  assert.deepEqual(decodeSubscription(old), expected)
})

test('the first bytes are a version, then the topics', () => {
  const bytes = encodeSubscription({ topics: ['ab'], owned: [], generation: -1, rackId: '' })
  const hex = '0003 00000001 0002 6162 ffffffff 00000000 ffffffff ffff'
  assert.equal(Buffer.from(bytes).toString('hex'), hex.replaceAll(' ', ''))
})

test('the leader gives every member its part, also one that gets nothing', () => {
  const members = [joined('x', { topics: ['a'] }), joined('y', { topics: ['b'] })]
  assert.deepEqual([...topicsOfGroup(members)], ['a', 'b'])
  const parts = assignGroup(rangeAssignor, members, new Map([['a', [[], []]]]))
  const shown = parts.map(({ memberId, assignment }) => [memberId, decodeAssignment(assignment)])
  assert.deepEqual(shown, [
    [
      'x',
      [
        { topic: 'a', partition: 0 },
        { topic: 'a', partition: 1 },
      ],
    ],
    ['y', []],
  ])
})

test('no bytes are an assignment of nothing', () => {
  assert.deepEqual(decodeAssignment(new Uint8Array(0)), [])
})

test('an assignment of a newer version is read as far as it is known', () => {
  const value = { assignedPartitions: [{ topic: 'a', partitions: [7] }] }
  const bytes = encodeVersioned(consumerProtocolAssignment, 3, value)
  const newer = Buffer.concat([bytes, Buffer.from('more')])
  newer.writeInt16BE(99, 0)
  assert.deepEqual(decodeAssignment(newer), [{ topic: 'a', partition: 7 }])
})

test('bytes that are no subscription are refused', () => {
  assert.throws(() => decodeSubscription(Buffer.from('00ff', 'hex')), KafkaError)
})
