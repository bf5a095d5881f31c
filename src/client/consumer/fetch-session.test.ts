import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import {
  answered,
  broken,
  type FetchSession,
  NO_SESSION,
  nextRequest,
  type SessionRequest,
  type WantedPartition,
} from './fetch-session.ts'
import { nameOf } from './topic-partition.ts'

function wanted(partition: number, changes: Partial<WantedPartition> = {}): WantedPartition {
  const common = { topic: 't', topicId: 'A', fetchOffset: 0, currentLeaderEpoch: 1, maxBytes: 9 }
  return { ...common, partition, ...changes }
}

const OPEN = answered(nextRequest(NO_SESSION, [wanted(0), wanted(1)]), 77)

test('the first request tells everything, the second only what changed', () => {
  const request = nextRequest(OPEN, [wanted(0), wanted(1, { fetchOffset: 5 }), wanted(2)])
  assert.deepEqual([request.sessionId, request.sessionEpoch, request.isFull], [77, 1, false])
  assert.deepEqual(request.toSend.map(nameOf), ['t-1', 't-2'])
  assert.deepEqual(request.toForget, [])
})

test('a partition that is not wanted any more is forgotten', () => {
  const request = nextRequest(OPEN, [wanted(1)])
  assert.deepEqual(request.toSend, [])
  assert.deepEqual(request.toForget.map(nameOf), ['t-0'])
})

test('a topic made anew is forgotten by its old id and told by its new one', () => {
  const request = nextRequest(OPEN, [wanted(0), wanted(1, { topicId: 'B' })])
  assert.deepEqual(
    request.toSend.map(({ topicId }) => topicId),
    ['B'],
  )
  assert.deepEqual(
    request.toForget.map(({ topicId }) => topicId),
    ['A'],
  )
})

test('a topic without an id begins a new session by name', () => {
  const request = nextRequest(OPEN, [wanted(0), wanted(1, { topicId: ZERO_UUID })])
  assert.deepEqual([request.sessionId, request.sessionEpoch, request.isFull], [77, 0, true])
  assert.equal(request.hasTopicIds, false)
})

for (const [name, session, expected] of [
  ['an answer without a session', answered(nextRequest(OPEN, []), 0), [0, 0]],
  ['an answer', answered(nextRequest(OPEN, []), 77), [77, 2]],
  ['a lost answer', broken(OPEN, false), [77, 0]],
  ['a session that is gone', broken(OPEN, true), [0, 0]],
  ['the largest epoch', answered(nextRequest({ ...OPEN, epoch: 0x7fff_ffff }, []), 77), [77, 1]],
] as const) {
  test(`after ${name} the next request is ${expected.join(', ')}`, () => {
    const request = nextRequest(session, [])
    assert.deepEqual([request.sessionId, request.sessionEpoch], expected)
  })
}

test('what a broker remembers is always what the client wants', () => {
  const wish = fc.uniqueArray(
    fc.record({ partition: fc.nat(5), fetchOffset: fc.nat(2), topicId: fc.constantFrom('A', 'B') }),
    { selector: ({ partition }) => partition },
  )
  const step = fc.record({ wish, outcome: fc.constantFrom('answer', 'lost', 'unseen', 'no room') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let session: FetchSession = NO_SESSION
      const broker = new Map<string, WantedPartition>()
      for (const { wish, outcome } of steps) {
        const request = nextRequest(
          session,
          wish.map(({ partition, ...rest }) => wanted(partition, rest)),
        )
        if (outcome !== 'unseen') remember(broker, request)
        if (outcome === 'answer' || outcome === 'no room') {
          assert.deepEqual(broker, request.partitions)
          session = answered(request, outcome === 'answer' ? 77 : 0)
        } else {
          session = broken(session, false)
        }
      }
    }),
  )
})

/** What a broker does with a request. */
function remember(broker: Map<string, WantedPartition>, request: SessionRequest): void {
  if (request.isFull) broker.clear()
  for (const one of request.toForget) broker.delete(nameOf(one))
  for (const one of request.toSend) broker.set(nameOf(one), one)
}
