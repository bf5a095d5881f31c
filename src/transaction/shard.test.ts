import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_TICKET } from '../coordinator/machine.ts'
import { KafkaError } from '../protocol/errors.ts'
import { describeTransaction, notDescribed } from './describe.ts'
import { TOMBSTONES_PER_TURN } from './expire.ts'
import { transactionFilter, unknownStates } from './list.ts'
import {
  ID,
  namesOf,
  partitions,
  START_MS,
  stateContents,
  TestTransactions,
} from './transactions-for-test.ts'

test('partitions are told one by one, and the last one completes the transaction', () => {
  const on = TestTransactions.with(stateContents['prepare-commit'])
  const { decisionOffset } = on.ending
  const tell = (names: string) =>
    on.ask({
      type: 'markers-written',
      transactionalId: ID,
      decisionOffset,
      partitions: partitions(names),
    }).isComplete
  assert.equal(tell('a-0'), false)
  assert.equal(namesOf(on.ending.partitions), 'b-1')
  assert.equal(tell('a-0 c-4'), false)
  assert.equal(tell('b-1'), true)
  assert.deepEqual(on.shard.endings(), [])
  assert.equal(on.transaction.state, 'complete-commit')
})

test('after a new start everybody is told again', () => {
  const on = TestTransactions.with(stateContents['prepare-abort'])
  const { decisionOffset } = on.ending
  const told = { transactionalId: ID, decisionOffset, partitions: partitions('a-0') }
  on.ask({ type: 'markers-written', ...told })
  const { bells } = on
  on.reload()
  assert.equal(on.bells, bells + 1)
  assert.equal(namesOf(on.ending.partitions), 'a-0 b-1')
  assert.equal(on.ending.decisionOffset, decisionOffset)
})

test('what has to be told is announced, and says all that a marker says', () => {
  const on = TestTransactions.with(stateContents.ongoing)
  assert.equal(on.bells, 0)
  on.end(true)
  assert.equal(on.bells, 1)
  assert.deepEqual(on.shard.endings(), [
    {
      transactionalId: ID,
      decisionOffset: 1,
      producerId: 77,
      producerEpoch: 6,
      isCommitted: true,
      transactionVersion: 2,
      partitions: partitions('a-0 b-1'),
    },
  ])
})

test('news of the transaction before does not shrink the next one of an old client', () => {
  const on = TestTransactions.with(stateContents.ongoing)
  const old = { clientVersion: 0 } as const
  on.end(true, old)
  const before = on.ending
  on.tellAll()
  on.add('a-0 b-1', old)
  on.end(true, old)
  assert.equal(on.ending.producerEpoch, before.producerEpoch)
  const { decisionOffset, partitions: told } = before
  on.ask({ type: 'markers-written', transactionalId: ID, decisionOffset, partitions: told })
  assert.equal(namesOf(on.ending.partitions), 'a-0 b-1')
})

test('a transaction is overdue when its timeout has passed, not before', () => {
  const on = TestTransactions.with(stateContents.ongoing)
  on.nowMs += 60_000
  assert.deepEqual(on.abortOverdue(), [])
  on.nowMs += 1
  assert.deepEqual(on.abortOverdue(), [{ error: 'NONE', producerId: 77, producerEpoch: 6 }])
  assert.deepEqual(on.abortOverdue(), [])
})

test('a client of version 2 that was aborted for lack of time may abort and go on', () => {
  const on = TestTransactions.with(stateContents.ongoing)
  on.nowMs += 60_001
  on.abortOverdue()
  on.tellAll()
  assert.equal(on.end(true, { producerEpoch: 5 }).error, 'INVALID_TXN_STATE')
  assert.equal(on.end(false, { producerEpoch: 5 }).producerEpoch, 6)
})

test('ids that nobody used for so long are forgotten, open transactions never', () => {
  for (const [state, content] of Object.entries(stateContents)) {
    const on = TestTransactions.with(content)
    const isKept = state === 'ongoing' || state.startsWith('prepare')
    const look = () => on.carryOut(on.shard.decide({ type: 'expire' }, NO_TICKET, on.world))
    on.nowMs = START_MS + 604_800_000 - 1
    look()
    assert.ok(on.shard.get(ID), state)
    on.nowMs += 1
    look()
    assert.equal(on.shard.get(ID) !== undefined, isKept, state)
    on.reload()
    assert.equal(on.shard.get(ID) !== undefined, isKept, state)
    assert.deepEqual([...on.timers.keys()], ['expire'])
  }
})

test('many are forgotten in several turns', () => {
  const on = new TestTransactions({ settings: { 'transactional.id.expiration.ms': 1 } })
  for (let n = 0; n < TOMBSTONES_PER_TURN + 5; n++) on.init({ id: `id-${n}` })
  on.nowMs += 1
  on.carryOut(on.shard.decide({ type: 'expire' }, NO_TICKET, on.world))
  assert.equal([...on.shard.transactions()].length, 5)
  on.carryOut(on.shard.decide(on.timers.get('expire')!, NO_TICKET, on.world))
  assert.equal([...on.shard.transactions()].length, 0)
})

test('a description tells the partitions that wait for the end', () => {
  const on = TestTransactions.with(stateContents['prepare-commit'])
  assert.deepEqual(describeTransaction(on.transaction), {
    errorCode: 0,
    transactionalId: ID,
    transactionState: 'PrepareCommit',
    transactionTimeoutMs: 60_000,
    transactionStartTimeMs: START_MS,
    producerId: 77,
    producerEpoch: 5,
    topics: [
      { topic: 'a', partitions: [0] },
      { topic: 'b', partitions: [1] },
    ],
  })
  assert.equal(notDescribed('x', 'TRANSACTIONAL_ID_NOT_FOUND').errorCode, 105)
})

const NO_FILTER = {
  stateFilters: [],
  producerIdFilters: [],
  durationFilter: -1,
  transactionalIdPattern: null,
}
const filters = [
  ['nothing', {}, 'orders-1 orders-2 payments'],
  ['a state', { stateFilters: ['Ongoing'] }, 'orders-1'],
  ['states', { stateFilters: ['Ongoing', 'Empty'] }, 'orders-1 orders-2 payments'],
  ['a state that there is not', { stateFilters: ['Odd'] }, ''],
  ['producer ids', { producerIdFilters: [4_001, 4_002, 9] }, 'orders-2 payments'],
  ['a duration that is reached', { durationFilter: 99, stateFilters: ['Ongoing'] }, 'orders-1'],
  ['a duration that is not passed', { durationFilter: 100, stateFilters: ['Ongoing'] }, ''],
  // The start of what never began lies before all times, as in Kafka.
  ['a duration of what never began', { durationFilter: 10 ** 9 }, 'orders-2 payments'],
  ['a pattern', { transactionalIdPattern: 'orders-.*' }, 'orders-1 orders-2'],
  ['a pattern of a part', { transactionalIdPattern: 'orders' }, ''],
  ['an empty pattern', { transactionalIdPattern: '' }, 'orders-1 orders-2 payments'],
  ['both', { transactionalIdPattern: '.*s.*', producerIdFilters: [4_000] }, 'orders-1'],
] as const
for (const [what, filter, expected] of filters) {
  test(`a list filtered by ${what} is '${expected}'`, () => {
    const on = new TestTransactions()
    for (const id of ['orders-1', 'orders-2', 'payments']) on.init({ id })
    on.add('a-0', { id: 'orders-1' })
    on.nowMs += 100
    const list = transactionFilter({
      ...NO_FILTER,
      ...filter,
      stateFilters: [...('stateFilters' in filter ? filter.stateFilters : [])],
      producerIdFilters: [...('producerIdFilters' in filter ? filter.producerIdFilters : [])],
    })
    const listed = list(on.shard.transactions(), on.nowMs)
    const ids = listed.map(({ transactionalId }) => transactionalId)
    assert.equal(ids.sort().join(' '), expected)
  })
}

test('a list names the states that there are not, once each', () => {
  const stateFilters = ['Ongoing', 'Odd', 'Dead', 'Odd', 'empty']
  assert.deepEqual(unknownStates({ ...NO_FILTER, stateFilters }), ['Odd', 'empty'])
})

test('a pattern that is none is refused', () => {
  for (const transactionalIdPattern of ['(', 'a{2000}', 'x'.repeat(10_001)]) {
    assert.throws(
      () => transactionFilter({ ...NO_FILTER, transactionalIdPattern }),
      (error) => error instanceof KafkaError && error.error === 'INVALID_REGULAR_EXPRESSION',
    )
  }
})
