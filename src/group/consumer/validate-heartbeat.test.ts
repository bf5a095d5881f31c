import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorName } from '../../protocol/errors.ts'
import { GROUP, type Heartbeat, refusal, TestCoordinator } from './coordinator-for-test.ts'
import { validateHeartbeat } from './validate-heartbeat.ts'

const { broker } = new TestCoordinator().world

const beat: Heartbeat = {
  groupId: GROUP,
  memberId: 'a',
  memberEpoch: 1,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: -1,
  subscribedTopicNames: null,
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: null,
}
const join: Heartbeat = {
  ...beat,
  memberEpoch: 0,
  rebalanceTimeoutMs: 1000,
  subscribedTopicNames: [],
  topicPartitions: [],
}

type Row = readonly [
  rule: string,
  request: Heartbeat,
  error: ErrorName | undefined,
  version?: number,
]

const rows: readonly Row[] = [
  ['a heartbeat that says nothing new is fine', beat, undefined],
  ['a join is fine', join, undefined],
  ['a join by a pattern alone is fine', byPattern(join, 'b.*'), undefined],
  ['a join by an empty pattern alone is fine', byPattern(join, ''), undefined],
  ['a join by neither names nor pattern', byPattern(join, null), 'INVALID_REQUEST'],
  ['a join without a rebalance timeout', { ...join, rebalanceTimeoutMs: -1 }, 'INVALID_REQUEST'],
  ['a join that does not say what it holds', { ...join, topicPartitions: null }, 'INVALID_REQUEST'],
  ['a join that holds something', holding(join), 'INVALID_REQUEST'],
  ['a heartbeat may hold something', holding(beat), undefined],
  ['v0 joins without an id', { ...join, memberId: '' }, undefined, 0],
  ['v1 brings its own id', { ...join, memberId: '' }, 'INVALID_REQUEST', 1],
  ['v0 goes on without an id', { ...beat, memberId: '' }, 'INVALID_REQUEST', 0],
  ['v0 leaves without an id', leaving(-1, { memberId: ' ' }), 'INVALID_REQUEST', 0],
  ['v0 leaves for a while without an id', leaving(-2, { memberId: '' }), undefined, 0],
  ['an empty group id', { ...beat, groupId: '' }, 'INVALID_REQUEST'],
  ['a blank instance id', { ...beat, instanceId: ' ' }, 'INVALID_REQUEST'],
  ['a blank rack', { ...beat, rackId: '' }, 'INVALID_REQUEST'],
  ['leaving for good', leaving(-1, { instanceId: null }), undefined],
  [
    'a dynamic member that leaves for a while',
    leaving(-2, { instanceId: null }),
    'INVALID_REQUEST',
  ],
  ['an epoch below -2', leaving(-3), 'INVALID_REQUEST'],
  ['an assignor that is offered', { ...beat, serverAssignor: 'range' }, undefined],
  ['an assignor that is not', { ...beat, serverAssignor: 'sticky' }, 'UNSUPPORTED_ASSIGNOR'],
]

for (const [rule, request, error, version = 1] of rows) {
  test(`${rule}: ${error ?? 'accepted'}`, () => {
    assert.equal(
      refusal(() => validateHeartbeat(request, version, broker)),
      error,
    )
  })
}

function byPattern(request: Heartbeat, subscribedTopicRegex: string | null): Heartbeat {
  return { ...request, subscribedTopicNames: null, subscribedTopicRegex }
}

function holding(request: Heartbeat): Heartbeat {
  const topicPartitions = [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitions: [0] }]
  return { ...request, topicPartitions }
}

function leaving(memberEpoch: number, over: Partial<Heartbeat> = {}): Heartbeat {
  return { ...beat, instanceId: 'one', ...over, memberEpoch }
}
