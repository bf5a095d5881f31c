/** The coordinators of transactions on the partitions of a simulated broker. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BrokerConfig, brokerConfig } from '../config/broker.ts'
import type { RuntimeSettings } from '../coordinator/runtime.ts'
import type { PartitionImage } from '../metadata/image.ts'
import { TRANSACTION_STATE } from '../metadata/internal-topics.ts'
import type { Partition } from '../replication/partition.ts'
import { batchOf, TestPartitions, topicOf } from '../replication/replication-fixtures-for-test.ts'
import { partitionsOf } from '../transaction/partitions.ts'
import { Transactions } from './transactions.ts'

const ID = 'payments'
const { values: defaults } = brokerConfig.parse({})
const SETTINGS: RuntimeSettings = {
  lingerMs: -1,
  commitTimeoutMs: 5_000,
  loadBufferBytes: 65_536,
  maxBatchBytes: 1_048_588,
  cachedBufferMaxBytes: 1_048_588,
  maxDecompressedBytes: 16 * 1024 * 1024,
  compression: 'none',
  timestampType: 'CreateTime',
}
/** Long enough for markers to be told, and told again. */
const A_WHILE_MS = 300

/** What the metadata says. */
interface Cluster {
  readonly coordinator?: Partial<PartitionImage>
  /** Partitions of the topic `t`; undefined: it is deleted. */
  readonly t?: readonly Partial<PartitionImage>[] | undefined
}

class TestTransactionService {
  readonly on: TestPartitions
  readonly service: Transactions
  #cluster: Cluster = { coordinator: {}, t: [{}, {}] }
  #nextProducerId = 100

  private constructor(on: TestPartitions, settings: Partial<BrokerConfig>) {
    this.on = on
    const { environment, logger, partitions } = on
    this.service = new Transactions({
      environment,
      logger,
      partition: (index) => partitions.find(TRANSACTION_STATE, index),
      partitionCount: () => 1,
      settings: () => SETTINGS,
      broker: () => ({ ...defaults, ...settings }),
      transactionVersion: () => 2,
      freshProducerId: async () => this.#nextProducerId++,
      exists: (topic, partition) => topic === 't' && this.#cluster.t?.[partition] !== undefined,
      tell: async (topic, partition, marker) =>
        partitions.byName(topic, partition).endTransaction(marker, 1_000),
    })
  }

  static async start(settings: Partial<BrokerConfig> = {}): Promise<TestTransactionService> {
    const test = new TestTransactionService(await TestPartitions.open(), settings)
    await test.become({})
    return test
  }

  /** Makes the metadata say this, and the service look at it. */
  async become(cluster: Cluster): Promise<void> {
    this.#cluster = { ...this.#cluster, ...cluster }
    const { coordinator = {}, t } = this.#cluster
    const ofState = topicOf(TRANSACTION_STATE, [coordinator], 'AAAAAAAAAAAAAAAAAAAAag')
    await this.on.apply(ofState, ...(t === undefined ? [] : [topicOf('t', t)]))
    await this.on.settle(this.service.update())
  }

  t(index: number): Partition {
    return this.on.partitions.byName('t', index)
  }

  /** An instance begins; then each partition of `t` has records of an open transaction. */
  async write(): Promise<{ producerId: number; producerEpoch: number }> {
    const event = { type: 'init-producer-id', transactionalId: ID, timeoutMs: 60_000 } as const
    const asked = { expected: undefined, enable2Pc: false, keepPrepared: false }
    const { producerEpoch, producerId } = await this.on.settle(
      this.service.submit({ ...event, ...asked, freshProducerId: undefined }),
    )
    const partitions = partitionsOf([{ topic: 't', partitionIds: [0, 1] }])
    const producer = { transactionalId: ID, producerId, producerEpoch }
    const added = { type: 'add-partitions', ...producer, partitions, clientVersion: 2 } as const
    assert.deepEqual(await this.on.settle(this.service.submit(added)), { error: 'NONE' })
    const timestamp = this.on.environment.clock.now()
    const batch = { producerId, producerEpoch, baseSequence: 0, isTransactional: true, timestamp }
    for (const index of [0, 1]) {
      await this.on.settle(this.t(index).append(batchOf(['a'], batch), -1, 1_000))
    }
    return { producerId, producerEpoch }
  }

  end(isCommitted: boolean, producer: { producerId: number; producerEpoch: number }) {
    const event = { type: 'end-transaction', transactionalId: ID, isCommitted } as const
    const asked = { clientVersion: 2, freshProducerId: undefined } as const
    return this.on.settle(this.service.submit({ ...event, ...producer, ...asked }))
  }

  pass(ms = A_WHILE_MS): Promise<void> {
    return this.on.simulation.advance(ms)
  }

  async state(): Promise<string | undefined> {
    return (await this.on.settle(this.service.find(ID)))?.state
  }

  /** Of each partition of `t`: 0 while the transaction is open. */
  stableOffsets(): number[] {
    return [this.t(0).lastStableOffset, this.t(1).lastStableOffset]
  }
}

test('a commit is answered with the next epoch, and every partition is told', async () => {
  const test = await TestTransactionService.start()
  const producer = await test.write()
  assert.deepEqual(test.stableOffsets(), [0, 0])
  const answer = await test.end(true, producer)
  assert.deepEqual(answer, { error: 'NONE', producerId: 100, producerEpoch: 1 })
  await test.pass()
  assert.deepEqual(test.stableOffsets(), [2, 2])
  assert.deepEqual([...test.t(0).log.abortedTransactions(0, 2)], [])
  assert.equal(await test.state(), 'complete-commit')
})

test('an abort makes every partition know that its records do not count', async () => {
  const test = await TestTransactionService.start()
  await test.end(false, await test.write())
  await test.pass()
  assert.deepEqual(test.stableOffsets(), [2, 2])
  assert.equal([...test.t(1).log.abortedTransactions(0, 2)].length, 1)
  assert.equal(await test.state(), 'complete-abort')
})

test('a partition that has no leader here is told as soon as it has one', async () => {
  const test = await TestTransactionService.start()
  const producer = await test.write()
  await test.become({ t: [{}, { leader: -1, leaderEpoch: 1 }] })
  await test.end(true, producer)
  await test.pass()
  assert.equal(test.t(0).lastStableOffset, 2)
  assert.equal(await test.state(), 'prepare-commit')
  await test.become({ t: [{}, { leaderEpoch: 2 }] })
  await test.pass()
  assert.equal(test.t(1).lastStableOffset, 2)
  assert.equal(await test.state(), 'complete-commit')
  assert.equal(test.t(0).log.logEndOffset, 2, 'who knew was not told again')
})

test('a coordinator that comes after tells what was decided before it, in its own epoch', async () => {
  const test = await TestTransactionService.start()
  const producer = await test.write()
  await test.become({ t: [{}, { leader: -1, leaderEpoch: 1 }] })
  await test.end(true, producer)
  await test.pass()
  await test.become({ coordinator: { leaderEpoch: 5 } })
  assert.equal(await test.state(), 'prepare-commit')
  await test.become({ t: [{}, { leaderEpoch: 2 }] })
  await test.pass()
  assert.equal(await test.state(), 'complete-commit')
  assert.equal(test.t(1).log.producers.entry(100)?.coordinatorEpoch, 5)
})

test('partitions that were deleted are not waited for', async () => {
  const test = await TestTransactionService.start()
  const producer = await test.write()
  await test.become({ t: undefined })
  await test.end(true, producer)
  await test.pass()
  assert.equal(await test.state(), 'complete-commit')
})

test('a partition that refuses the end is left alone, and the decision stays', async () => {
  const test = await TestTransactionService.start()
  const producer = await test.write()
  const { producerId } = producer
  const newer = { producerId, producerEpoch: 9, isCommitted: false, coordinatorEpoch: 0 }
  await test.on.settle(test.t(1).endTransaction({ ...newer, transactionVersion: 2 }, 1_000))
  await test.end(true, producer)
  await test.pass(10_000)
  assert.equal(await test.state(), 'prepare-commit')
  const refusals = test.on.logger.entries.filter(({ message }) => /refuses the end/.test(message))
  assert.equal(refusals.length, 1)
})

test('a transaction that is open for too long is aborted, and its producer fenced', async () => {
  const test = await TestTransactionService.start()
  const producer = await test.write()
  await test.pass(60_000)
  assert.equal(await test.state(), 'ongoing')
  await test.pass(10_000 + A_WHILE_MS)
  assert.equal(await test.state(), 'complete-abort')
  assert.deepEqual(test.stableOffsets(), [2, 2])
  assert.equal((await test.end(true, producer)).error, 'INVALID_TXN_STATE')
})

test('after it is closed nothing is told any more', async () => {
  const test = await TestTransactionService.start()
  const producer = await test.write()
  const ending = test.end(true, producer)
  await test.on.settle(test.service.close())
  await test.pass(60_000)
  assert.equal((await ending).error, 'NONE')
  assert.deepEqual(test.stableOffsets(), [0, 0])
})
