/** kafka-crab-js: librdkafka in a prebuilt module, made without zstd. It tells no timestamps, chooses
 *  partitions itself and keeps headers in a map. */

import { KafkaClient, type KafkaProducer } from 'kafka-crab-js'
import type { Client, Place, ProduceOptions, StoredRecord, TestRecord, Traits } from '../client.ts'

export const kafkaCrabTraits: Traits = {
  name: 'kafka-crab-js',
  codecs: ['none', 'gzip', 'snappy', 'lz4'],
  headers: true,
  headerOrder: false,
  binaryHeaders: true,
  nullHeaders: false,
  timestamps: false,
  choosesPartition: false,
  nulls: false,
  admin: false,
  deletesRecords: false,
  idempotence: true,
  lingers: true,
}

/** Longest wait for the next records of one read. */
const readLimitMs = 60_000
const largestMessageBytes = '20000000'

export async function openKafkaCrab(bootstrap: string): Promise<Client> {
  const client = new KafkaClient({
    brokers: bootstrap,
    clientId: 'kafka-crab-test',
    logLevel: 'off',
  })

  const producers = new Map<string, KafkaProducer>()
  function producerOf(configuration: Readonly<Record<string, string>>): KafkaProducer {
    const settings = JSON.stringify(configuration)
    const producer = producers.get(settings) ?? client.createProducer({ configuration })
    producers.set(settings, producer)
    return producer
  }

  return {
    async produce(topic, records, options): Promise<Place[]> {
      const producer = producerOf(settingsOf(options))
      const answers = await producer.send({ topic, messages: records.map(toMessage) })
      const failed = answers.find((a) => a.error !== undefined)
      if (failed !== undefined) throw new Error(`${topic}: ${failed.error?.message}`)
      return options?.acks === 0
        ? []
        : answers.map(({ partition, offset }) => ({ partition, offset }))
    },

    async read(topic, partition, offset, count): Promise<StoredRecord[]> {
      const consumer = client.createConsumer({
        groupId: 'never-joined',
        enableAutoCommit: false,
        configuration: {
          'fetch.message.max.bytes': largestMessageBytes,
          'fetch.max.bytes': largestMessageBytes,
          'receive.message.max.bytes': '100000000',
          'check.crcs': 'true',
        },
      })
      try {
        await consumer.subscribe([{ topic, partitionOffset: [{ partition, offset: { offset } }] }])
        const found: StoredRecord[] = []
        const deadline = performance.now() + readLimitMs
        while (found.length < count) {
          if (performance.now() > deadline)
            throw new Error(
              `${topic}-${partition}: ${found.length} of ${count} read from ${offset}`,
            )
          const batch = await consumer.recvBatch(Math.min(count - found.length, 1000), 100)
          for (const message of batch)
            found.push({
              offset: message.offset,
              partition: message.partition,
              key: message.key ?? null,
              value: message.isTombstone ? null : message.payload,
              headers: Object.entries(message.headers ?? {}),
            })
        }
        return found
      } finally {
        await consumer.disconnect()
      }
    },
    close: async () => {},
  }
}

function settingsOf({ codec = 'none', acks = -1, idempotent = false }: ProduceOptions = {}) {
  return {
    'compression.type': codec,
    acks: `${acks}`,
    'enable.idempotence': `${idempotent}`,
    'message.max.bytes': largestMessageBytes,
    'linger.ms': '1',
    'message.timeout.ms': '60000',
  }
}

function toMessage(record: TestRecord) {
  return {
    ...(record.key === null ? {} : { key: record.key }),
    ...(record.value === null ? { isTombstone: true } : { payload: record.value }),
    headers: Object.fromEntries(record.headers.map(([n, v]) => [n, v ?? Buffer.alloc(0)])),
  }
}
