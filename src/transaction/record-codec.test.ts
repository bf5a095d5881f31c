import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { seededRandom } from '../kernel/seeded-random.ts'
import { KafkaError } from '../protocol/errors.ts'
import { transactionLogKey, transactionLogValue } from '../protocol/internal/transaction-state.ts'
import { encodeKey, encodeVersioned } from '../protocol/stored.ts'
import { decodeTransactionRecord, encodeTransactionRecord } from './record-codec.ts'
import type { TransactionRecord } from './records.ts'
import { TransactionShard } from './shard.ts'
import { CONTENT, ID, namesOf, partitions } from './transactions-for-test.ts'

const SEED = 8_801
const EXPECTED = new URL(
  '../../../shared/reference/kafka/fixtures/expected/__transaction_state-0.json',
  import.meta.url,
)

const ongoing: TransactionRecord = {
  transactionalId: ID,
  content: { ...CONTENT, state: 'ongoing', partitions: partitions('a-0 a-1 b-7') },
  valueVersion: 1,
}

test('version 1 is read as it was written', () => {
  assert.deepEqual(decodeTransactionRecord(encodeTransactionRecord(ongoing)), ongoing)
})

test('version 0 leaves out the other producer ids and the version of the client', () => {
  const rotating = { ...CONTENT, nextProducerId: 78, previousProducerId: 76 }
  const stored = encodeTransactionRecord({
    transactionalId: ID,
    content: rotating,
    valueVersion: 0,
  })
  const content = { ...rotating, nextProducerId: -1, previousProducerId: -1, clientVersion: 0 }
  assert.deepEqual(decodeTransactionRecord(stored), {
    transactionalId: ID,
    content,
    valueVersion: 0,
  })
})

test('an empty transaction has no list of partitions, a complete one an empty list', () => {
  const sizeOf = (state: 'empty' | 'complete-commit') =>
    encodeTransactionRecord({ ...ongoing, content: { ...CONTENT, state }, valueVersion: 0 }).value!
  const listAt = 2 + 8 + 2 + 4 + 1
  const length = (bytes: Uint8Array) => Buffer.from(bytes).readInt32BE(listAt)
  assert.equal(length(sizeOf('empty')), -1)
  assert.equal(length(sizeOf('complete-commit')), 0)
})

test('a tombstone has the key alone', () => {
  const tombstone = { transactionalId: ID, content: null, valueVersion: 1 } as const
  const stored = encodeTransactionRecord(tombstone)
  assert.deepEqual(stored, {
    key: encodeKey(transactionLogKey, { transactionalId: ID }),
    value: null,
  })
  assert.deepEqual(decodeTransactionRecord(stored), tombstone)
})

test('newer kinds of keys and newer versions of values are left where they are', () => {
  const { key, value } = encodeTransactionRecord(ongoing)
  assert.equal(decodeTransactionRecord({ key: Buffer.from([0, 9, 0, 0]), value }), undefined)
  const newer = Buffer.from(value!)
  newer.writeInt16BE(2)
  assert.equal(decodeTransactionRecord({ key, value: newer }), undefined)
})

test('statuses that nobody writes are refused', () => {
  for (const transactionStatus of [6, 7, 8, -1]) {
    const value = encodeVersioned(transactionLogValue, 1, {
      producerId: 1,
      producerEpoch: 0,
      transactionTimeoutMs: 1,
      transactionStatus,
      transactionPartitions: null,
      transactionLastUpdateTimestampMs: 0,
      transactionStartTimestampMs: 0,
    })
    const stored = { key: encodeKey(transactionLogKey, { transactionalId: ID }), value }
    assert.throws(() => decodeTransactionRecord(stored), isKafkaError)
  }
})

test(`bytes that are no record are refused, whatever they are (seed ${SEED})`, () => {
  const random = seededRandom(SEED)
  const { key, value } = encodeTransactionRecord(ongoing)
  for (let run = 0; run < 3_000; run++) {
    const broken = Buffer.from(value!.subarray(0, 1 + random.below(value!.length)))
    broken[random.below(broken.length)] = random.below(256)
    try {
      decodeTransactionRecord({ key, value: broken })
    } catch (error) {
      assert.ok(error instanceof KafkaError, `run ${run}: ${error}`)
    }
  }
})

const hasFixtures = existsSync(EXPECTED)
const skip = hasFixtures ? false : 'the reference fixtures are not here'

test("Kafka's own records are read, and written again byte for byte", { skip }, () => {
  let count = 0
  for (const stored of kafkaRecords()) {
    const record = decodeTransactionRecord(stored)
    assert.ok(record, `record ${count} is unknown`)
    const again = encodeTransactionRecord(record)
    assert.deepEqual(Buffer.from(again.key), stored.key)
    assert.deepEqual(again.value && Buffer.from(again.value), stored.value)
    count += 1
  }
  assert.equal(count, 32)
})

test('a log of Kafka is loaded with what it left open', { skip }, () => {
  const shard = new TransactionShard(() => {})
  let offset = 0
  for (const stored of kafkaRecords()) shard.apply(shard.decode(stored)!, offset++)
  const found = [...shard.transactions()].map((transaction) => {
    const { partitions: open, producerEpoch, producerId, state, transactionalId } = transaction
    return [transactionalId, producerId, producerEpoch, state, namesOf(open)]
  })
  assert.deepEqual(found.find(([id]) => id === 'lab-tx-open')!, [
    'lab-tx-open',
    8,
    3,
    'ongoing',
    'txn-open-0',
  ])
  assert.deepEqual(shard.endings(), [])
})

function* kafkaRecords(): Iterable<{ key: Buffer; value: Buffer | null }> {
  // The fixture's own shape.
  const batches = JSON.parse(readFileSync(EXPECTED, 'utf8')) as {
    records: { keyHex: string; valueHex: string | null }[]
  }[]
  for (const { records } of batches) {
    for (const { keyHex, valueHex } of records) {
      const value = valueHex === null ? null : Buffer.from(valueHex, 'hex')
      yield { key: Buffer.from(keyHex, 'hex'), value }
    }
  }
}

function isKafkaError(error: unknown): boolean {
  return error instanceof KafkaError && error.error === 'INVALID_RECORD'
}
