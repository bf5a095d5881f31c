import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ErrorName, KafkaError } from '../protocol/errors.ts'
import { decodeSnapshot, encodeSnapshot } from './producer-snapshot.ts'
import {
  type AppendOrigin,
  type BatchSpan,
  type EndTransactionMarker,
  type ProducerFacts,
  ProducerState,
} from './producer-state.ts'

const MAX_SEQUENCE = 2 ** 31 - 1
const ID = 7

/** A batch of one record unless told otherwise. */
function batch(producerEpoch: number, baseSequence: number, count = 1): ProducerFacts {
  return {
    producerId: ID,
    producerEpoch,
    baseSequence,
    lastOffsetDelta: count - 1,
    isTransactional: false,
    isControl: false,
    marker: undefined,
  }
}

function transactional(
  producerEpoch: number,
  baseSequence: number,
  producerId = ID,
): ProducerFacts {
  return { ...batch(producerEpoch, baseSequence), producerId, isTransactional: true }
}

function marker(
  producerEpoch: number,
  end: Partial<EndTransactionMarker> = {},
  producerId = ID,
): ProducerFacts {
  const full = { committed: true, coordinatorEpoch: 0, ...end }
  const facts = transactional(producerEpoch, -1, producerId)
  return { ...facts, isControl: true, marker: full }
}

/** Checks and applies a batch at the end, as a log does. */
function append(state: ProducerState, facts: ProducerFacts, origin: AppendOrigin = 'client') {
  const duplicate = state.check(facts, origin)
  if (duplicate) return { duplicate, completed: undefined }
  const baseOffset = state.endOffset
  const lastOffset = baseOffset + facts.lastOffsetDelta
  const span = { baseOffset, lastOffset, maxTimestamp: 1000 + baseOffset }
  return { duplicate: undefined, completed: state.update(facts, span, 5000) }
}

function stateOf(...batches: readonly ProducerFacts[]): ProducerState {
  const state = new ProducerState()
  for (const facts of batches) append(state, facts, 'replication')
  return state
}

function outcome(state: ProducerState, facts: ProducerFacts, origin: AppendOrigin = 'client') {
  try {
    const duplicate = state.check(facts, origin)
    return duplicate ? `duplicate of ${duplicate.baseOffset}-${duplicate.lastOffset}` : 'append'
  } catch (error) {
    assert(error instanceof KafkaError)
    return error.error
  }
}

const five = [0, 1, 2, 3, 4].map((sequence) => batch(3, sequence))
const six = [...five, batch(3, 5)]
const open = transactional(3, 0)

interface Row {
  readonly rule: string
  readonly before: readonly ProducerFacts[]
  readonly next: ProducerFacts
  readonly origin?: AppendOrigin
  readonly answer: 'append' | `duplicate of ${string}` | ErrorName
}

const rows: readonly Row[] = [
  { rule: 'an unknown producer may begin at 0', before: [], next: batch(0, 0), answer: 'append' },
  {
    rule: 'an unknown producer may begin anywhere: its state may have expired',
    before: [],
    next: batch(5, 42),
    answer: 'append',
  },
  { rule: 'the next sequence is taken', before: five, next: batch(3, 5), answer: 'append' },
  {
    rule: 'the next sequence is counted by records',
    before: [batch(3, 0, 10)],
    next: batch(3, 10),
    answer: 'append',
  },
  {
    rule: 'after the largest sequence comes 0',
    before: [batch(3, MAX_SEQUENCE)],
    next: batch(3, 0),
    answer: 'append',
  },
  {
    rule: 'a batch may run over the largest sequence',
    before: [batch(3, MAX_SEQUENCE - 1, 5)],
    next: batch(3, 3),
    answer: 'append',
  },
  {
    rule: 'a duplicate that ran over the largest sequence is recognised',
    before: [batch(3, MAX_SEQUENCE - 1, 5)],
    next: batch(3, MAX_SEQUENCE - 1, 5),
    answer: 'duplicate of 0-4',
  },
  { rule: 'the last batch again', before: five, next: batch(3, 4), answer: 'duplicate of 4-4' },
  { rule: 'the fifth last again', before: five, next: batch(3, 0), answer: 'duplicate of 0-0' },
  {
    rule: 'the sixth last is no longer known and out of order',
    before: six,
    next: batch(3, 0),
    answer: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  },
  {
    rule: 'a known beginning with another length is no duplicate',
    before: [batch(3, 0, 10)],
    next: batch(3, 0, 9),
    answer: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  },
  {
    rule: 'a gap',
    before: five,
    next: batch(3, 6),
    answer: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  },
  {
    rule: 'an older epoch',
    before: five,
    next: batch(2, 5),
    answer: 'INVALID_PRODUCER_EPOCH',
  },
  {
    rule: 'a duplicate of an older epoch is fenced, not recognised',
    before: [batch(2, 0), batch(3, 0)],
    next: batch(2, 0),
    answer: 'INVALID_PRODUCER_EPOCH',
  },
  { rule: 'a newer epoch begins at 0', before: five, next: batch(4, 0), answer: 'append' },
  {
    rule: 'a newer epoch does not go on',
    before: five,
    next: batch(4, 5),
    answer: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  },
  {
    rule: 'after a marker of the same epoch the sequence goes on',
    before: [open, marker(3)],
    next: transactional(3, 1),
    answer: 'append',
  },
  {
    rule: 'after a marker of the same epoch a duplicate is still known',
    before: [open, marker(3)],
    next: open,
    answer: 'duplicate of 0-0',
  },
  {
    rule: 'a marker with a raised epoch starts the sequence over',
    before: [open, marker(4)],
    next: transactional(4, 0),
    answer: 'append',
  },
  {
    rule: 'a marker with a raised epoch lets no other sequence follow',
    before: [open, marker(4)],
    next: transactional(4, 1),
    answer: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  },
  {
    rule: 'a batch outside of the open transaction',
    before: [open],
    next: batch(3, 1),
    answer: 'INVALID_TXN_STATE',
  },
  {
    rule: 'the open transaction goes on',
    before: [open],
    next: transactional(3, 1),
    answer: 'append',
  },
  {
    rule: 'a coordinator writes without sequences',
    before: [transactional(3, -1)],
    next: transactional(3, -1),
    origin: 'coordinator',
    answer: 'append',
  },
  {
    rule: 'a coordinator writes for no older epoch',
    before: [transactional(3, -1)],
    next: transactional(2, -1),
    origin: 'coordinator',
    answer: 'INVALID_PRODUCER_EPOCH',
  },
  {
    rule: 'what was replicated is not checked',
    before: five,
    next: batch(1, 99),
    origin: 'replication',
    answer: 'append',
  },
  {
    rule: 'what is recovered is not checked',
    before: [open],
    next: batch(3, 0),
    origin: 'recovery',
    answer: 'append',
  },
  {
    rule: 'a marker of an older epoch',
    before: [open],
    next: marker(2),
    origin: 'coordinator',
    answer: 'INVALID_PRODUCER_EPOCH',
  },
  {
    rule: 'a marker of the same epoch (transaction version 1)',
    before: [open],
    next: marker(3),
    origin: 'coordinator',
    answer: 'append',
  },
  {
    rule: 'a marker of the same epoch does not end a transaction of version 2',
    before: [open],
    next: marker(3, { transactionVersion: 2 }),
    origin: 'coordinator',
    answer: 'INVALID_PRODUCER_EPOCH',
  },
  {
    rule: 'a marker of version 2 may come again once its transaction has ended',
    before: [open, marker(4)],
    next: marker(4, { transactionVersion: 2 }),
    origin: 'coordinator',
    answer: 'append',
  },
  {
    rule: 'the largest epoch cannot be raised by a marker of version 2',
    before: [transactional(0x7fff, 0)],
    next: marker(0x7fff, { transactionVersion: 2 }),
    origin: 'coordinator',
    answer: 'append',
  },
  {
    rule: 'a marker of an older coordinator',
    before: [open, marker(3, { coordinatorEpoch: 9 })],
    next: marker(3, { coordinatorEpoch: 8 }),
    origin: 'coordinator',
    answer: 'TRANSACTION_COORDINATOR_FENCED',
  },
]

for (const { rule, before, next, origin = 'client', answer } of rows) {
  test(`${rule}: ${answer}`, () => {
    const state = stateOf(...before)
    const untouched = JSON.stringify([...state.entries()])
    assert.equal(outcome(state, next, origin), answer)
    assert.equal(JSON.stringify([...state.entries()]), untouched, 'check changed the state')
  })
}

test('a transaction holds the last stable offset until its marker is below the high watermark', () => {
  const state = stateOf(batch(0, 0), transactional(0, 0, 8), transactional(0, 0, 9))
  assert.equal(state.firstUnstableOffset(), 1)
  const aborted = append(state, marker(0, { committed: false }, 8), 'coordinator').completed
  const [producerId, firstOffset, lastOffset, lastStableOffset] = [8, 1, 3, 2]
  const expected = { producerId, firstOffset, lastOffset, committed: false, lastStableOffset }
  assert.deepEqual(aborted, expected)
  assert.equal(state.firstUndecidedOffset(), 2)
  assert.equal(state.firstUnstableOffset(), 1, 'the marker is not replicated')
  state.onHighWatermark(3)
  assert.equal(state.firstUnstableOffset(), 1, 'the marker at 3 is not below 3')
  state.onHighWatermark(4)
  assert.equal(state.firstUnstableOffset(), 2)
  assert.equal(append(state, marker(0, {}, 9), 'coordinator').completed?.lastStableOffset, 5)
  state.onHighWatermark(5)
  assert.equal(state.firstUnstableOffset(), undefined)
})

test('a marker without records ends no transaction and is remembered for its epochs', () => {
  const state = new ProducerState()
  assert.equal(append(state, marker(2, { coordinatorEpoch: 5 })).completed, undefined)
  assert.equal(state.entry(ID)?.producerEpoch, 2)
  assert.equal(state.entry(ID)?.coordinatorEpoch, 5)
  assert.equal(state.firstUnstableOffset(), undefined)
})

test('a control batch that compaction has emptied changes nothing but the end', () => {
  const state = new ProducerState()
  append(state, { ...marker(2), marker: undefined }, 'recovery')
  assert.equal(state.size, 0)
  assert.equal(state.endOffset, 1)
})

test('a producer expires by when the broker saw it, not with an open transaction', () => {
  const state = stateOf(batch(0, 0), transactional(0, 0, 8))
  assert.equal(state.expire(5999, 1000), 0)
  assert.equal(state.expire(6000, 1000), 1)
  assert.deepEqual(
    [...state.entries()].map(({ producerId }) => producerId),
    [8],
  )
})

test('a reset takes over entries and finds the oldest open transaction', () => {
  const from = stateOf(transactional(0, 0, 9), transactional(0, 0, 8), batch(0, 0))
  const state = new ProducerState()
  state.reset(3, [...from.entries()].reverse(), 0)
  assert.equal(state.endOffset, 3)
  assert.equal(state.firstUnstableOffset(), 0)
  assert.equal(outcome(state, batch(0, 0)), 'duplicate of 2-2')
  append(state, batch(0, 1))
  assert.equal(from.entry(ID)?.batches.length, 1, 'the entries are copied')
  state.reset(0, [], 0)
  assert.equal(state.size, 0)
  assert.equal(state.firstUnstableOffset(), undefined)
})

test('a snapshot has an entry for each batch that may be sent again, the last one last', () => {
  const seenMs = 5_000 // by `append`
  const from = stateOf(...[0, 1, 2, 3, 4, 5, 6].map((n) => batch(0, n)), transactional(3, 0, 8))
  const entries = [...from.snapshotEntries(seenMs)]
  assert.deepEqual(
    entries.map(({ producerId, batches }) => [producerId, batches.at(-1)?.lastSequence]),
    [
      [7, 2],
      [7, 3],
      [7, 4],
      [7, 5],
      [7, 6],
      [8, 0],
    ],
  )
  const state = new ProducerState()
  state.reset(8, decodeSnapshot(encodeSnapshot(entries)), 0)
  assert.deepEqual(
    [...state.entries()].map(({ batches }) => batches),
    [...from.entries()].map(({ batches }) => batches),
  )
  assert.equal(state.firstUnstableOffset(), 7)
  const later = [...from.snapshotEntries(seenMs + 3_600_001)]
  assert.deepEqual(
    later.map(({ producerId, batches }) => [producerId, batches.at(-1)?.lastSequence]),
    [
      [7, 6],
      [8, 0],
    ],
  )
})

/** The rules for one producer's data batches, by the longest way: every batch is kept. */
class NaiveProducer {
  epoch = -1
  readonly batches: { epoch: number; first: number; count: number; offset: number }[] = []
  end = 0

  append(epoch: number, first: number, count: number): string {
    const ofEpoch = this.batches.filter((known) => known.epoch === this.epoch)
    const known = ofEpoch
      .slice(-5)
      .find((b) => b.epoch === epoch && b.first === first && b.count === count)
    if (known) return `duplicate of ${known.offset}`
    if (epoch < this.epoch) return 'INVALID_PRODUCER_EPOCH'
    const last = ofEpoch.at(-1)
    const expected = epoch > this.epoch || !last ? 0 : (last.first + last.count) % 2 ** 31
    if (this.epoch !== -1 && first !== expected) return 'OUT_OF_ORDER_SEQUENCE_NUMBER'
    this.epoch = epoch
    this.batches.push({ epoch, first, count, offset: this.end })
    this.end += count
    return 'append'
  }
}

test('no series of batches is answered otherwise than by the rules applied to all of history', () => {
  const step = fc.record({
    kind: fc.constantFrom('next', 'next', 'next', 'again', 'gap', 'bump', 'stale'),
    pick: fc.nat(7),
    count: fc.integer({ min: 1, max: 4 }),
  })
  const start = fc.constantFrom(0, MAX_SEQUENCE - 6)
  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 40 }), (first, steps) => {
      const model = new NaiveProducer()
      const state = new ProducerState()
      let next = first
      for (const { kind, pick, count } of steps) {
        const again = model.batches.at(-1 - pick)
        const epoch = Math.max(0, model.epoch) + (kind === 'bump' ? 1 : kind === 'stale' ? -1 : 0)
        const sequence =
          kind === 'again' && again
            ? again.first
            : kind === 'gap'
              ? next + 1 + pick
              : kind === 'bump'
                ? pick % 2
                : next
        const length = kind === 'again' && again ? again.count : count
        const expected = model.append(epoch, sequence % 2 ** 31, length)
        assert.equal(answerOf(state, batch(epoch, sequence % 2 ** 31, length)), expected)
        const last = model.batches.at(-1)
        if (last) next = (last.first + last.count) % 2 ** 31
      }
    }),
  )
})

function answerOf(state: ProducerState, facts: ProducerFacts): string {
  try {
    const { duplicate }: { duplicate: BatchSpan | undefined } = append(state, facts)
    return duplicate ? `duplicate of ${duplicate.baseOffset}` : 'append'
  } catch (error) {
    assert(error instanceof KafkaError)
    return error.error
  }
}
