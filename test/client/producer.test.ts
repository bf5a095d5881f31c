import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientError } from '../../src/client/errors.ts'
import { producerIn, startWorld, valuesOf } from './world.ts'

test('a record that was sent is where its promise says', async () => {
  const broker = await startWorld()
  await broker.createTopic('t', { partitions: 3 })
  const producer = producerIn(broker)
  const metadata = await broker.simulation.until(
    producer.send({ topic: 't', key: 'k', value: 'v', partition: 1, headers: { a: 'b' } }),
  )
  assert.deepEqual(
    { ...metadata, timestamp: 0 },
    { topic: 't', partition: 1, offset: 0, timestamp: 0 },
  )
  assert.deepEqual(await valuesOf(broker, 't', 1), ['v'])
  await broker.simulation.until(producer.close())
})

for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)
  test(`many records keep their order with ${compression}`, async () => {
    const broker = await startWorld()
    await broker.createTopic('t')
    const producer = producerIn(broker, { compressionType: compression, batchSize: 2_000 })
    const values = Array.from({ length: 3_000 }, (_, index) => `value ${index} ö`)
    const sent = Promise.all(values.map((value) => producer.send({ topic: 't', value })))
    const all = await broker.simulation.until(sent)
    assert.deepEqual(
      all.map(({ offset }) => offset),
      values.map((_, index) => index),
    )
    assert.deepEqual(await valuesOf(broker, 't'), values)
    await broker.simulation.until(producer.close())
  })

for (const acks of ['0', '1', 'all'] as const)
  test(`records are acknowledged with acks=${acks}`, async () => {
    const broker = await startWorld()
    await broker.createTopic('t')
    const producer = producerIn(broker, { acks })
    const { offset } = await broker.simulation.until(producer.send({ topic: 't', value: 'v' }))
    assert.equal(offset, acks === '0' ? -1 : 0)
    await broker.advance(50)
    assert.deepEqual(await valuesOf(broker, 't'), ['v'])
    await broker.simulation.until(producer.close())
  })

test('a callback is told instead of a promise', async () => {
  const broker = await startWorld()
  await broker.createTopic('t')
  const producer = producerIn(broker)
  const told: unknown[] = []
  assert.equal(
    producer.post({ topic: 't', value: 'v' }, (...outcome) => told.push(outcome)),
    true,
  )
  await broker.simulation.until(producer.close())
  assert.equal(told.length, 1)
})

test('a record that is too large for the topic is refused, by name', async () => {
  const broker = await startWorld()
  await broker.createTopic('t', { config: { 'max.message.bytes': '1000' } })
  const producer = producerIn(broker)
  const sent = producer.send({ topic: 't', value: 'x'.repeat(5_000) })
  await assert.rejects(broker.simulation.until(sent), (error) => {
    assert.ok(error instanceof ClientError)
    assert.equal(error.error, 'MESSAGE_TOO_LARGE')
    assert.match(error.message, /^t-0, Produce v\d+ to b:9092 \(broker 1\): /)
    return true
  })
  await broker.simulation.until(producer.close())
})

test('a batch that is too large for the topic is split until it fits, in order', async () => {
  const broker = await startWorld()
  await broker.createTopic('t', { config: { 'max.message.bytes': '1000' } })
  const producer = producerIn(broker)
  const values = Array.from({ length: 300 }, (_, index) => `value ${index} ${'x'.repeat(40)}`)
  await broker.simulation.until(
    Promise.all(values.map((value) => producer.send({ topic: 't', value }))),
  )
  assert.deepEqual(await valuesOf(broker, 't'), values)
  await broker.simulation.until(producer.close())
})

test('a send waits for memory and goes on when there is some', async () => {
  const broker = await startWorld()
  await broker.createTopic('t')
  const producer = producerIn(broker, { bufferMemory: 5_000, batchSize: 1_000 })
  const values = Array.from({ length: 500 }, (_, index) => `value ${index}`)
  await broker.simulation.until(
    Promise.all(values.map((value) => producer.send({ topic: 't', value }))),
  )
  assert.deepEqual(await valuesOf(broker, 't'), values)
  await broker.simulation.until(producer.close())
})

test('a record that nobody acknowledges in delivery.timeout.ms fails', async () => {
  const broker = await startWorld()
  await broker.createTopic('t')
  const producer = producerIn(broker, {
    deliveryTimeoutMs: 3_000,
    requestTimeoutMs: 1_000,
    socketConnectionSetupTimeoutMs: 500,
  })
  await broker.simulation.until(producer.send({ topic: 't', value: 'first' }))
  broker.simulation.network.cut('p', 'b')
  const late = producer.send({ topic: 't', value: 'late' })
  await assert.rejects(broker.simulation.until(late), /RetriableError|delivery\.timeout\.ms/)
  broker.simulation.network.join('p', 'b')
  await broker.simulation.until(producer.send({ topic: 't', value: 'after' }))
  const values = await valuesOf(broker, 't')
  assert.deepEqual(
    values.filter((value) => value !== 'late'),
    ['first', 'after'],
  )
  await broker.simulation.until(producer.close())
})

test('without its topic a send fails after max.block.ms and says what to do', async () => {
  const broker = await startWorld({ config: { 'auto.create.topics.enable': 'false' } })
  const producer = producerIn(broker, { maxBlockMs: 2_000 })
  const sent = producer.send({ topic: 'absent', value: 'v' })
  await assert.rejects(broker.simulation.until(sent), /absent.*UNKNOWN_TOPIC_OR_PARTITION.*Create/)
  await broker.simulation.until(producer.close())
})
