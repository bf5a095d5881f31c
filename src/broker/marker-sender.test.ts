import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectingLogger } from '../kernel/logger.ts'
import { Simulation } from '../kernel/simulated-environment.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { EndingTransaction } from '../transaction/ending.ts'
import { partitionsOf, topicsOf } from '../transaction/partitions.ts'
import { MarkerSender } from './marker-sender.ts'

const ending: EndingTransaction = {
  transactionalId: 'payments',
  decisionOffset: 3,
  producerId: 7,
  producerEpoch: 1,
  isCommitted: true,
  transactionVersion: 2,
  partitions: partitionsOf([{ topic: 't', partitionIds: [0, 1] }]),
}

/** A sender with one coordinator that has one transaction to be told, until it is. */
function start(tell: (partition: number) => Promise<void>) {
  const simulation = new Simulation(1)
  const cluster = { coordinatorEpoch: 4 as number | undefined, left: [ending] }
  const told: number[] = []
  const acknowledged: string[] = []
  const sender = new MarkerSender({
    environment: simulation.host('b').environment(),
    logger: collectingLogger(),
    decided: async (take) => {
      take({ coordinator: 0, coordinatorEpoch: 4, endings: cluster.left })
    },
    coordinatorEpoch: () => cluster.coordinatorEpoch,
    exists: () => true,
    tell: (_topic, partition, marker) => {
      assert.equal(marker.coordinatorEpoch, 4)
      told.push(partition)
      return tell(partition)
    },
    acknowledge: async (_coordinator, _ending, partitions) => {
      const ids = topicsOf(partitions).flatMap(({ partitionIds }) => partitionIds)
      acknowledged.push(ids.join(' '))
      if (ids.length === 2) cluster.left = []
    },
  })
  return { sender, simulation, cluster, told, acknowledged }
}

test('every partition is told, and the coordinator which of them know', async () => {
  const { sender, simulation, told, acknowledged } = start(async () => {})
  sender.wake()
  assert.deepEqual(told, [0, 1], 'in the turn in which it is handed over')
  await simulation.advance(0)
  assert.deepEqual(acknowledged, ['0 1'])
})

test('no second marker is on its way as long as the fate of the first is not known', async () => {
  const { sender, simulation, told } = start(() => new Promise(() => {}))
  sender.wake()
  await simulation.advance(0)
  sender.wake()
  await simulation.advance(1_000)
  assert.deepEqual(told, [0, 1])
})

test('what could not be told is told again a while later', async () => {
  let failures = 1
  const { sender, simulation, told, acknowledged } = start(async (partition) => {
    if (partition === 1 && failures-- > 0) throw new KafkaError('NOT_LEADER_OR_FOLLOWER')
  })
  sender.wake()
  await simulation.advance(0)
  assert.deepEqual(acknowledged, ['0'])
  await simulation.advance(200)
  assert.deepEqual(told, [0, 1, 0, 1])
  assert.deepEqual(acknowledged, ['0', '0 1'])
})

test('acknowledgements of what a former coordinator has sent are dropped', async () => {
  const waiting: (() => void)[] = []
  const { sender, simulation, cluster, acknowledged } = start(
    () => new Promise((resolve) => waiting.push(resolve)),
  )
  sender.wake()
  cluster.coordinatorEpoch = 5
  cluster.left = []
  for (const resolve of waiting) resolve()
  await simulation.advance(1_000)
  assert.deepEqual(acknowledged, [])
})

test('a partition that refuses the marker is not asked again, and the others are acknowledged', async () => {
  const { sender, simulation, told, acknowledged } = start(async (partition) => {
    if (partition === 1) throw new KafkaError('INVALID_PRODUCER_EPOCH')
  })
  sender.wake()
  await simulation.advance(1_000)
  sender.wake()
  await simulation.advance(1_000)
  assert.deepEqual(told, [0, 1, 0])
  assert.deepEqual(acknowledged, ['0', '0'])
})

test('after it is closed nothing is sent', async () => {
  const { sender, simulation, told } = start(async () => {})
  sender.close()
  sender.wake()
  await simulation.advance(1_000)
  assert.deepEqual(told, [])
})
