/** What a producer promises holds while its broker restarts and the network is cut, for any seed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestBroker } from '../../src/broker/broker-fixtures-for-test.ts'
import type { Producer } from '../../src/client/producer/producer.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { producerIn, startWorld, valuesOf } from './world.ts'

const PARTITIONS = 3
const RECORDS = 600
const SEEDS = Number(process.env.MOLDAU_CLIENT_SEEDS ?? 25)

/** One record and what became of it. */
interface Told {
  readonly partition: number
  readonly value: string
  outcome: 'acknowledged' | 'failed' | undefined
  offset: number
}

type Trouble = (broker: TestBroker) => Promise<void>

const TROUBLES: readonly Trouble[] = [
  async (broker) => {
    await broker.stop()
    await broker.start()
  },
  async (broker) => {
    await broker.kill()
    await broker.start()
  },
  async (broker) => {
    broker.simulation.network.cut('p', 'b')
    await broker.advance(300)
    broker.simulation.network.join('p', 'b')
  },
  async (broker) => {
    // Requests arrive, answers do not: what is sent again is there already.
    broker.simulation.network.mute('b', 'p')
    await broker.advance(2_500)
    broker.simulation.network.join('p', 'b')
  },
]

async function walk(seed: number, options: Parameters<typeof producerIn>[1]) {
  const broker = await startWorld({ seed })
  await broker.createTopic('t', { partitions: PARTITIONS })
  const producer = producerIn(broker, {
    batchSize: 30, // several batches of a partition are on their way at a time
    lingerMs: 0,
    requestTimeoutMs: 1_000,
    socketConnectionSetupTimeoutMs: 500,
    socketConnectionSetupTimeoutMaxMs: 500,
    ...options,
  })
  const random = seededRandom(seed)
  const told: Told[] = []
  for (let sent = 0; sent < RECORDS; ) {
    for (let burst = random.below(90); burst > 0; burst--)
      send(producer, told, random.below(PARTITIONS), sent++)
    await broker.advance(random.below(3) === 0 ? random.below(300) : random.below(30) / 10)
    if (random.below(4) === 0) await TROUBLES[random.below(TROUBLES.length)]!(broker)
  }
  await broker.simulation.until(producer.close())
  await broker.advance(2_000)
  const logs = []
  for (let partition = 0; partition < PARTITIONS; partition++) {
    logs.push(await valuesOf(broker, 't', partition))
  }
  return { told, logs }
}

function send(producer: Producer, told: Told[], partition: number, number: number): void {
  const one: Told = { partition, value: `${number}`, outcome: undefined, offset: -1 }
  told.push(one)
  producer.send({ topic: 't', partition, value: one.value }).then(
    ({ offset }) => {
      one.outcome = 'acknowledged'
      one.offset = offset
    },
    () => {
      one.outcome = 'failed'
    },
  )
}

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`an idempotent producer loses nothing, writes nothing twice and keeps order (seed ${seed})`, async () => {
    const { told, logs } = await walk(seed, {})
    for (const [partition, log] of logs.entries()) {
      const expected = told.filter((one) => one.partition === partition)
      assert.ok(expected.every(({ outcome }) => outcome === 'acknowledged'))
      assert.deepEqual(
        log,
        expected.map(({ value }) => value),
      )
      for (const { offset, value } of expected) {
        if (offset >= 0) assert.equal(log[offset], value)
      }
    }
  })

  test(`with a short delivery timeout a failure is told, order stays and nothing is there twice (seed ${seed})`, async () => {
    const { told, logs } = await walk(seed, { deliveryTimeoutMs: 1_200 })
    for (const [partition, log] of logs.entries()) {
      const own = told.filter((one) => one.partition === partition)
      assert.ok(own.every(({ outcome }) => outcome !== undefined))
      const place = new Map(log.map((value, at) => [value, at]))
      assert.equal(place.size, log.length, 'something is there twice')
      for (const { outcome, value } of own) {
        if (outcome === 'acknowledged') assert.ok(place.has(value), `${value} is lost`)
      }
      const order = log.map(Number)
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      )
    }
  })
}

test('a producer that is not idempotent and sends one request at a time keeps order, though not once', async () => {
  const options = { enableIdempotence: false, maxInFlightRequestsPerConnection: 1 } as const
  const { told, logs } = await walk(77, options)
  for (const [partition, log] of logs.entries()) {
    const own = told.filter((one) => one.partition === partition).map(({ value }) => value)
    assert.deepEqual([...new Set(log)], own)
  }
})
