import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LAST_EPOCH } from './transaction.ts'
import { partitions, stateContents, TestTransactions } from './transactions-for-test.ts'

const EXHAUSTED = LAST_EPOCH - 1
const idAndEpoch = (on: TestTransactions) => [
  on.transaction.producerId,
  on.transaction.producerEpoch,
]

test('after the last epoch an instance gets another producer id', () => {
  const on = TestTransactions.with({ producerEpoch: EXHAUSTED })
  assert.deepEqual(on.init({}), { error: 'NONE', producerId: 4_000, producerEpoch: 0 })
  assert.equal(on.transaction.previousProducerId, 77)
})

test('who missed the answer with another producer id is given it again', () => {
  const on = TestTransactions.with({ producerEpoch: EXHAUSTED })
  const first = on.init({ expected: [77, EXHAUSTED] })
  assert.deepEqual(first, { error: 'NONE', producerId: 4_000, producerEpoch: 0 })
  assert.deepEqual(on.init({ expected: [77, EXHAUSTED] }), first)
})

test('who missed the answer with the next epoch is given it again', () => {
  const on = TestTransactions.with({})
  assert.equal(on.init({ expected: [77, 5] }).producerEpoch, 6)
  assert.equal(on.init({ expected: [77, 5] }).producerEpoch, 6)
  assert.equal(on.init({ expected: [77, 6] }).producerEpoch, 7)
  assert.equal(on.init({ expected: [77, 5] }).error, 'PRODUCER_FENCED')
})

test('also when that was the last epoch of the id', () => {
  const on = TestTransactions.with({ producerEpoch: EXHAUSTED - 1 })
  const last = { error: 'NONE', producerId: 77, producerEpoch: EXHAUSTED }
  assert.deepEqual(on.init({ expected: [77, EXHAUSTED - 1] }), last)
  assert.deepEqual(on.init({ expected: [77, EXHAUSTED - 1] }), last)
})

test('an instance that takes over makes the one before come back as fenced', () => {
  const on = TestTransactions.with({})
  on.init({ expected: [77, 5] })
  on.init({})
  assert.equal(on.init({ expected: [77, 6] }).error, 'PRODUCER_FENCED')
  assert.equal(on.add('a-0', { producerEpoch: 6 }), 'PRODUCER_FENCED')
})

test('the former id with the same epoch number is not taken for the current one', () => {
  const content = { producerId: 78, previousProducerId: 77, producerEpoch: EXHAUSTED }
  const on = TestTransactions.with(content)
  assert.equal(on.init({ expected: [77, EXHAUSTED] }).error, 'PRODUCER_FENCED')
})

test('an end that uses up the epochs names the id that the producer goes on with', () => {
  const on = TestTransactions.with({ ...stateContents.ongoing, producerEpoch: EXHAUSTED })
  assert.deepEqual(on.end(true), { error: 'NONE', producerId: 4_000, producerEpoch: 0 })
  const { isCommitted, partitions: waiting, producerEpoch, producerId } = on.ending
  assert.deepEqual([producerId, producerEpoch, isCommitted], [77, LAST_EPOCH, true])
  assert.deepEqual(waiting, partitions('a-0 b-1'))
  on.reload()
  on.tellAll()
  assert.deepEqual(idAndEpoch(on), [4_000, 0])
  const again = { producerId: 77, producerEpoch: EXHAUSTED }
  assert.deepEqual(on.end(true, again), { error: 'NONE', producerId: 4_000, producerEpoch: 0 })
  assert.equal(on.end(false, again).error, 'INVALID_TXN_STATE')
  assert.equal(on.add('a-0'), 'NONE')
  assert.equal(on.end(true, again).error, 'INVALID_PRODUCER_ID_MAPPING')
})

test('an abort for lack of time uses up the epochs as well', () => {
  const on = TestTransactions.with({ ...stateContents.ongoing, producerEpoch: EXHAUSTED })
  on.nowMs += 60_001
  on.abortOverdue()
  on.tellAll()
  assert.deepEqual(idAndEpoch(on), [4_000, 0])
})

test('in version 1 an abort of the last epoch leaves one for the markers alone', () => {
  const content = { ...stateContents.ongoing, producerEpoch: EXHAUSTED }
  const on = TestTransactions.with(content, { version: 1 })
  assert.equal(on.init({}).error, 'CONCURRENT_TRANSACTIONS')
  on.tellAll()
  assert.deepEqual(idAndEpoch(on), [77, LAST_EPOCH])
  assert.deepEqual(on.init({}), { error: 'NONE', producerId: 4_000, producerEpoch: 0 })
})

test('the repeated end of a transaction never ends the next one', () => {
  const on = TestTransactions.with(stateContents.ongoing)
  const first = { producerEpoch: 5 }
  assert.equal(on.end(true, first).producerEpoch, 6)
  on.tellAll()
  assert.equal(on.end(true, first).producerEpoch, 6)
  on.add('a-0')
  assert.equal(on.end(true, first).error, 'PRODUCER_FENCED')
  assert.equal(on.transaction.state, 'ongoing')
})

test('an open transaction is aborted for a new instance, which begins with the epoch after', () => {
  for (const version of [0, 1, 2] as const) {
    const on = TestTransactions.with(stateContents.ongoing, { version })
    assert.equal(on.init({}).error, 'CONCURRENT_TRANSACTIONS')
    assert.deepEqual([on.ending.isCommitted, on.ending.producerEpoch], [false, 6])
    assert.equal(on.init({}).error, 'CONCURRENT_TRANSACTIONS')
    on.tellAll()
    assert.deepEqual(on.init({}), { error: 'NONE', producerId: 77, producerEpoch: 7 })
  }
})

test('nothing is written for who asks for a fresh id before it has one', () => {
  const on = TestTransactions.with({ ...stateContents.ongoing, producerEpoch: EXHAUSTED })
  const { length } = on.log
  const event = { transactionalId: 'payments', producerId: 77, freshProducerId: undefined }
  const answer = on.ask({
    ...event,
    type: 'end-transaction',
    producerEpoch: EXHAUSTED,
    isCommitted: true,
    clientVersion: 2,
  })
  assert.deepEqual(answer, { needsFreshId: true })
  assert.equal(on.log.length, length)
})

const requests = [
  ['a timeout of 0', { timeoutMs: 0 }, 'INVALID_TRANSACTION_TIMEOUT'],
  ['a timeout of -1', { timeoutMs: -1 }, 'INVALID_TRANSACTION_TIMEOUT'],
  ['the longest timeout', { timeoutMs: 900_000 }, 'NONE'],
  ['a longer timeout', { timeoutMs: 900_001 }, 'INVALID_TRANSACTION_TIMEOUT'],
  ['two-phase commit', { enable2Pc: true }, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'],
  ['a prepared transaction', { keepPrepared: true }, 'UNSUPPORTED_VERSION'],
] as const
for (const [what, options, error] of requests) {
  test(`an instance that asks for ${what} is answered ${error}`, () => {
    assert.equal(new TestTransactions().init(options).error, error)
  })
}

test('a two-phase transaction has no timeout, whatever it asks for', () => {
  const settings = { 'transaction.two.phase.commit.enable': true }
  const on = new TestTransactions({ settings })
  assert.equal(on.init({ enable2Pc: true, timeoutMs: -1 }).error, 'NONE')
  on.add('a-0')
  on.nowMs += 10 ** 12
  assert.deepEqual(on.abortOverdue(), [])
  assert.equal(on.transaction.timeoutMs, 0x7fff_ffff)
})
