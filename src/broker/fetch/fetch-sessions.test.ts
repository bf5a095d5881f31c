import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorName, KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { type FetchSession, FetchSessions } from './fetch-sessions.ts'
import { FetchSet } from './fetch-set.ts'

const EVICTION_MS = 120_000
const MAX_EPOCH = 2 ** 31 - 1

const ofError = (name: ErrorName) => (error: unknown) =>
  error instanceof KafkaError && error.error === name

/** Sessions with ids from 1 on. */
function setUp(maxSessions = 10): FetchSessions {
  let id = 0
  const below = () => {
    id += 1
    return id
  }
  return new FetchSessions({ maxSessions: () => maxSessions, evictionMs: EVICTION_MS, below })
}

/** What a fetch of that many partitions asks for. */
function setOf(partitions: number): FetchSet {
  const set = new FetchSet()
  for (let index = 0; index < partitions; index++) {
    const rest = { maxBytes: 1, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }
    set.put({ topic: 't', topicId: ZERO_UUID, index, fetchOffset: 0, ...rest })
  }
  return set
}

function open(sessions: FetchSessions, partitions = 1, nowMs = 0, byId = false): FetchSession {
  const session = sessions.create(setOf(partitions), byId, nowMs)
  assert.ok(session)
  return session
}

test('epoch -1 wants no session, epoch 0 wants one, and neither continues one', () => {
  const sessions = setUp()
  assert.equal(sessions.begin(0, -1, false, 0).type, 'sessionless')
  assert.equal(sessions.begin(0, 0, false, 0).type, 'full')
  for (const epoch of [-1, 0]) {
    const { id } = open(sessions)
    sessions.begin(id, epoch, false, 0)
    assert.equal(sessions.size, 0, 'the session it names is closed')
  }
})

test('each request of a session carries the next epoch, once', () => {
  const sessions = setUp()
  const { id } = open(sessions)
  for (const epoch of [1, 2, 3]) {
    const scope = sessions.begin(id, epoch, false, 0)
    assert.ok(scope.type === 'incremental' && scope.session.id === id)
    assert.equal(scope.epoch, epoch + 1)
  }
  for (const epoch of [3, 5]) {
    assert.throws(() => sessions.begin(id, epoch, false, 0), ofError('INVALID_FETCH_SESSION_EPOCH'))
  }
  assert.equal(sessions.begin(id, 4, false, 0).type, 'incremental', 'a wrong epoch changes nothing')
})

test('after the largest epoch comes 1', () => {
  const sessions = setUp()
  const session = open(sessions)
  session.epoch = MAX_EPOCH
  const scope = sessions.begin(session.id, MAX_EPOCH, false, 0)
  assert.ok(scope.type === 'incremental' && scope.epoch === 1)
})

test('a session that is not there is FETCH_SESSION_ID_NOT_FOUND', () => {
  const sessions = setUp()
  assert.throws(() => sessions.begin(5, 1, false, 0), ofError('FETCH_SESSION_ID_NOT_FOUND'))
  const { id } = open(sessions)
  sessions.remove(id)
  assert.throws(() => sessions.begin(id, 1, false, 0), ofError('FETCH_SESSION_ID_NOT_FOUND'))
})

test('a session begun by name does not go on by id, nor the other way round', () => {
  const sessions = setUp()
  for (const byId of [false, true]) {
    const { id } = open(sessions, 1, 0, byId)
    assert.throws(() => sessions.begin(id, 1, !byId, 0), ofError('FETCH_SESSION_TOPIC_ID_ERROR'))
    assert.equal(sessions.begin(id, 1, byId, 0).type, 'incremental')
  }
})

test('ids are never 0, and never those of living sessions', () => {
  const ids = [0, 0, 7, 7, 0, 7, 9]
  const sessions = new FetchSessions({
    maxSessions: () => 10,
    evictionMs: EVICTION_MS,
    below: () => ids.shift()!,
  })
  assert.deepEqual([open(sessions).id, open(sessions).id], [7, 9])
})

test('without a slot a newcomer gets no session while the others are young', () => {
  const sessions = setUp(2)
  open(sessions, 1)
  open(sessions, 1)
  assert.equal(sessions.create(setOf(100), false, EVICTION_MS), undefined)
  assert.equal(sessions.size, 2)
})

test('a session that nobody used for a while makes room, the one used longest ago first', () => {
  const sessions = setUp(2)
  const first = open(sessions, 100, 0)
  const second = open(sessions, 100, 1)
  sessions.begin(first.id, 1, false, 10)
  const third = open(sessions, 1, EVICTION_MS + 2)
  assert.equal(sessions.size, 2)
  assert.throws(() => sessions.begin(second.id, 1, false, 0), ofError('FETCH_SESSION_ID_NOT_FOUND'))
  for (const { id, epoch } of [first, third]) sessions.begin(id, epoch, false, EVICTION_MS + 2)
})

test('an old session in use makes room only for a larger one, the smallest first', () => {
  const sessions = setUp(3)
  const used = [5, 3, 4].map((partitions) => open(sessions, partitions, 0))
  const nowMs = EVICTION_MS + 1
  for (const { id } of used) sessions.begin(id, 1, false, nowMs)
  assert.equal(sessions.create(setOf(3), false, nowMs), undefined)
  open(sessions, 4, nowMs)
  const [five, three, four] = used
  assert.throws(
    () => sessions.begin(three!.id, 2, false, nowMs),
    ofError('FETCH_SESSION_ID_NOT_FOUND'),
  )
  for (const { id } of [five!, four!]) sessions.begin(id, 2, false, nowMs)
})

test('no slots, no sessions', () => {
  assert.equal(setUp(0).create(setOf(1), false, 0), undefined)
})
