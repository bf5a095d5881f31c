/** This project's own producer against the broker under test and against a real Kafka: the same
 *  promises hold, restarts included. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Producer } from '../../../src/client/producer/producer.ts'
import type { Broker } from '../broker.ts'
import { noControl, startBroker } from '../harness.ts'
import { noOracle, startOracle } from '../oracle.ts'

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
const RECORDS = 20_000

describe('the producer of this project', () => {
  test('keeps its promises with the broker under test', { skip: noControl }, () =>
    keeps(startBroker),
  )
})

describe('the producer of this project, with Kafka', { skip: await noOracle() }, () => {
  test('keeps its promises', () => keeps(startOracle))
})

/** Sends with every codec, restarts the broker meanwhile, and counts. */
async function keeps(start: () => Promise<Broker>): Promise<void> {
  await using broker = await start()
  for (const compressionType of CODECS) {
    const topic = `client-${compressionType}`
    await using producer = new Producer({ bootstrapServers: broker.bootstrap, compressionType })
    const sent = Array.from({ length: 1_000 }, (_, index) => {
      return producer.send({ topic, key: `key ${index}`, value: `value ${index}`, partition: 0 })
    })
    const offsets = (await Promise.all(sent)).map(({ offset }) => offset)
    assert.deepEqual(
      offsets,
      offsets.map((_, index) => index),
    )
  }
  await throughRestart(broker)
}

async function throughRestart(broker: Broker): Promise<void> {
  await using producer = new Producer({ bootstrapServers: broker.bootstrap, batchSize: 2_000 })
  const sent: Promise<number>[] = []
  const restart = broker.stop().then(() => broker.restart())
  for (let index = 0; index < RECORDS; index++) {
    const value = `value ${index}`
    sent.push(producer.send({ topic: 'restart', value, partition: 0 }).then(({ offset }) => offset))
    if (index % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await restart
  const offsets = await Promise.all(sent)
  // The offset of what was there already when it was sent again is not told.
  for (const [index, offset] of offsets.entries()) if (offset >= 0) assert.equal(offset, index)
  const last = await producer.send({ topic: 'restart', value: 'last', partition: 0 })
  assert.equal(last.offset, RECORDS)
}
