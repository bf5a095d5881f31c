/** Every state with every event. A row is one state; the compiler rejects a forgotten one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TransactionState, TransactionVersion } from './transaction.ts'
import { ID, namesOf, stateContents, TestTransactions } from './transactions-for-test.ts'

type Row<T> = Readonly<Record<TransactionState, T>>
/** The error, what becomes of the state, and of the epoch, which is 5 before. */
type Outcome = readonly [error: string, state: TransactionState | 'unchanged', epoch: number]

const rowsOf = <T>(row: Row<T>) => Object.entries(row) as [TransactionState, T][]

const CONCURRENT = ['CONCURRENT_TRANSACTIONS', 'unchanged', 5] as const
const INVALID = ['INVALID_TXN_STATE', 'unchanged', 5] as const

/** @param act what is done, and the error of its answer. */
function check(
  what: string,
  row: Row<Outcome>,
  version: TransactionVersion,
  act: (on: TestTransactions) => string,
): void {
  for (const [from, [error, state, epoch]] of rowsOf(row)) {
    test(`${what} when ${from}: ${error}, then ${state} in epoch ${epoch}`, () => {
      const on = TestTransactions.with(stateContents[from], { version })
      const before = on.transaction
      on.nowMs += 7
      assert.equal(act(on), error)
      assert.equal(on.transaction.producerEpoch, epoch)
      assert.equal(on.transaction.state, state === 'unchanged' ? from : state)
      if (state === 'unchanged') assert.deepEqual(on.transaction, before)
      else assert.equal(on.transaction.lastUpdateMs, on.nowMs)
      const isForgotten = version === 0 && state !== 'unchanged'
      const previousProducerId = isForgotten ? -1 : on.transaction.previousProducerId
      const left = { ...on.transaction, lastProducerEpoch: -1, previousProducerId }
      on.reload()
      assert.deepEqual(on.transaction, left)
    })
  }
}

const init: Row<Outcome> = {
  empty: ['NONE', 'empty', 6],
  ongoing: ['CONCURRENT_TRANSACTIONS', 'prepare-abort', 6],
  'prepare-commit': CONCURRENT,
  'prepare-abort': CONCURRENT,
  'complete-commit': ['NONE', 'empty', 6],
  'complete-abort': ['NONE', 'empty', 6],
}
check('an instance begins', init, 2, (on) => on.init({}).error)
check('an instance begins, in version 1,', init, 1, (on) => on.init({}).error)
check('an instance goes on with its id and epoch', init, 2, (on) => {
  return on.init({ expected: [77, 5] }).error
})

const fencedUnlessEnding: Row<Outcome> = {
  empty: ['PRODUCER_FENCED', 'unchanged', 5],
  ongoing: ['PRODUCER_FENCED', 'unchanged', 5],
  'prepare-commit': CONCURRENT,
  'prepare-abort': CONCURRENT,
  'complete-commit': ['PRODUCER_FENCED', 'unchanged', 5],
  'complete-abort': ['PRODUCER_FENCED', 'unchanged', 5],
}
check('an instance comes with the id of another', fencedUnlessEnding, 2, (on) => {
  return on.init({ expected: [78, 5] }).error
})
check(
  'an instance comes with an epoch of long ago',
  // What is open is aborted all the same, as in Kafka: the epoch is looked at when it comes again.
  { ...fencedUnlessEnding, ongoing: ['CONCURRENT_TRANSACTIONS', 'prepare-abort', 6] },
  2,
  (on) => on.init({ expected: [77, 3] }).error,
)

const add: Row<Outcome> = {
  empty: ['NONE', 'ongoing', 5],
  ongoing: ['NONE', 'ongoing', 5],
  'prepare-commit': CONCURRENT,
  'prepare-abort': CONCURRENT,
  'complete-commit': ['NONE', 'ongoing', 5],
  'complete-abort': ['NONE', 'ongoing', 5],
}
check('a partition is added', add, 2, (on) => on.add('c-3'))
check('partitions are added again', { ...add, ongoing: ['NONE', 'unchanged', 5] }, 2, (on) => {
  return on.add('a-0')
})

/** @param error of whoever is not the producer. */
const refused = (error: string): Row<Outcome> => ({
  empty: [error, 'unchanged', 5],
  ongoing: [error, 'unchanged', 5],
  'prepare-commit': [error, 'unchanged', 5],
  'prepare-abort': [error, 'unchanged', 5],
  'complete-commit': [error, 'unchanged', 5],
  'complete-abort': [error, 'unchanged', 5],
})
const unlessEnding = (error: string): Row<Outcome> => ({
  ...refused(error),
  'prepare-commit': CONCURRENT,
  'prepare-abort': CONCURRENT,
})
const MAPPING = 'INVALID_PRODUCER_ID_MAPPING'
const FENCED = 'PRODUCER_FENCED'
check('another producer id adds', unlessEnding(MAPPING), 2, (on) =>
  on.add('a-0', { producerId: 1 }),
)
check('an older epoch adds', unlessEnding(FENCED), 2, (on) => on.add('a-0', { producerEpoch: 4 }))
check('a newer epoch adds', unlessEnding(FENCED), 2, (on) => on.add('a-0', { producerEpoch: 6 }))

const verify: Row<Outcome> = {
  empty: ['without a-0', 'unchanged', 5],
  ongoing: ['NONE', 'unchanged', 5],
  'prepare-commit': CONCURRENT,
  'prepare-abort': CONCURRENT,
  'complete-commit': ['without a-0', 'unchanged', 5],
  'complete-abort': ['without a-0', 'unchanged', 5],
}
check('a partition is verified', verify, 2, (on) => on.verify('a-0'))
check('another producer id is verified', refused(MAPPING), 2, (on) => {
  return on.verify('a-0', { producerId: 1 })
})
check('an older epoch is verified', refused(FENCED), 2, (on) => {
  return on.verify('a-0', { producerEpoch: 4 })
})

const oldCommit: Row<Outcome> = {
  empty: INVALID,
  ongoing: ['NONE', 'prepare-commit', 5],
  'prepare-commit': CONCURRENT,
  'prepare-abort': CONCURRENT,
  'complete-commit': ['NONE', 'unchanged', 5],
  'complete-abort': INVALID,
}
const oldAbort: Row<Outcome> = {
  ...oldCommit,
  ongoing: ['NONE', 'prepare-abort', 5],
  'complete-commit': INVALID,
  'complete-abort': ['NONE', 'unchanged', 5],
}
const old = { clientVersion: 0 } as const
for (const version of [0, 1, 2] as const) {
  check(`an old client in version ${version} commits`, oldCommit, version, (on) => {
    return on.end(true, old).error
  })
  check(`an old client in version ${version} aborts`, oldAbort, version, (on) => {
    return on.end(false, old).error
  })
}
check('an old client of another id ends', refused(MAPPING), 2, (on) => {
  return on.end(true, { ...old, producerId: 1 }).error
})
for (const producerEpoch of [4, 6]) {
  check(`an old client of epoch ${producerEpoch} ends`, refused(FENCED), 2, (on) => {
    return on.end(true, { ...old, producerEpoch }).error
  })
}

const newCommit: Row<Outcome> = {
  empty: INVALID,
  ongoing: ['NONE', 'prepare-commit', 6],
  'prepare-commit': CONCURRENT,
  'prepare-abort': CONCURRENT,
  'complete-commit': INVALID,
  'complete-abort': INVALID,
}
check('a client of version 2 commits', newCommit, 2, (on) => on.end(true).error)
const newAbort: Row<Outcome> = {
  empty: ['NONE', 'complete-abort', 6],
  ongoing: ['NONE', 'prepare-abort', 6],
  'prepare-commit': CONCURRENT,
  'prepare-abort': CONCURRENT,
  'complete-commit': ['NONE', 'complete-abort', 6],
  'complete-abort': ['NONE', 'complete-abort', 6],
}
check('a client of version 2 aborts', newAbort, 2, (on) => on.end(false).error)
const again: Row<Outcome> = { ...unlessEnding(FENCED), 'complete-commit': ['NONE', 'unchanged', 5] }
check(
  'a client of version 2 commits once more',
  { ...again, 'complete-abort': INVALID },
  2,
  (on) => {
    return on.end(true, { producerEpoch: 4 }).error
  },
)
check(
  'a client of version 2 aborts once more',
  { ...again, 'complete-commit': INVALID, 'complete-abort': ['NONE', 'unchanged', 5] },
  2,
  (on) => on.end(false, { producerEpoch: 4 }).error,
)
check('a client of version 2 of a later epoch ends', unlessEnding(FENCED), 2, (on) => {
  return on.end(true, { producerEpoch: 6 }).error
})
check('a client of version 2 of another id ends', unlessEnding(MAPPING), 2, (on) => {
  return on.end(true, { producerId: 1 }).error
})

const overdue: Row<Outcome> = {
  ...refused('INVALID_TXN_STATE'),
  ongoing: ['NONE', 'prepare-abort', 6],
}
for (const version of [0, 1, 2] as const) {
  check(`time is up in version ${version}`, overdue, version, (on) => {
    on.nowMs += 60_001
    const { producerId } = on.transaction
    const event = { type: 'abort-overdue', transactionalId: ID, producerId } as const
    return on.askForId({ ...event, freshProducerId: undefined }).error
  })
}

const told: Row<Outcome> = {
  empty: ['false', 'unchanged', 5],
  ongoing: ['false', 'unchanged', 5],
  'prepare-commit': ['true', 'complete-commit', 5],
  'prepare-abort': ['true', 'complete-abort', 5],
  'complete-commit': ['false', 'unchanged', 5],
  'complete-abort': ['false', 'unchanged', 5],
}
const acknowledge = (on: TestTransactions, decisionOffset: number) => {
  const { partitions } = on.transaction
  const event = {
    type: 'markers-written',
    transactionalId: ID,
    decisionOffset,
    partitions,
  } as const
  return String(on.ask(event).isComplete)
}
check('all partitions have been told', told, 2, (on) => {
  return acknowledge(on, on.transaction.recordOffset)
})
const stale: Row<Outcome> = refused('false')
check('all partitions have been told of another decision', stale, 2, (on) => {
  return acknowledge(on, on.transaction.recordOffset + 1)
})

test('an id that is not known has no producer', () => {
  const on = new TestTransactions()
  assert.equal(on.add('a-0'), MAPPING)
  assert.equal(on.verify('a-0'), MAPPING)
  assert.equal(on.end(true).error, MAPPING)
  assert.equal(on.end(true, old).error, MAPPING)
  assert.equal(on.log.length, 0)
})

test('a new id begins with a fresh producer id and epoch 0', () => {
  const on = new TestTransactions()
  assert.deepEqual(on.init({}), { error: 'NONE', producerId: 4_000, producerEpoch: 0 })
  const { previousProducerId, startMs, state } = on.transaction
  assert.deepEqual([state, previousProducerId, startMs], ['empty', 4_000, -1])
})

test('partitions join what is there, and the transaction begins with the first', () => {
  const on = TestTransactions.with(stateContents.empty)
  on.nowMs += 10
  on.add('a-0 b-2')
  const { startMs } = on.transaction
  assert.equal(startMs, on.nowMs)
  on.nowMs += 10
  on.add('a-1')
  assert.equal(namesOf(on.transaction.partitions), 'a-0 a-1 b-2')
  assert.equal(on.transaction.startMs, startMs)
})
