/** kafkajs. Its consumer always joins a group; reading goes through the fetch call beneath it. */

import { createRequire } from 'node:module'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import kafkajs, { type Admin, type Broker, type KafkaConfig, type Logger } from 'kafkajs'
import lz4 from 'lz4-napi'
import snappy from 'snappy'
import {
  type Client,
  type ClientAdmin,
  codecs,
  type Place,
  type ProduceOptions,
  type StoredRecord,
  type TestRecord,
  type Traits,
} from '../client.ts'

const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = kafkajs

export const kafkajsTraits: Traits = {
  name: 'kafkajs',
  codecs,
  headers: true,
  headerOrder: true,
  binaryHeaders: true,
  nullHeaders: false,
  timestamps: true,
  choosesPartition: true,
  nulls: true,
  admin: true,
  deletesRecords: true,
  idempotence: true,
  lingers: false,
}

/** The part of kafkajs's internal cluster that reading without a group needs. */
interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  refreshMetadata(): Promise<void>
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>
  findBroker(node: { nodeId: string }): Promise<Broker>
}

interface Fetched {
  readonly responses: readonly {
    readonly partitions: readonly { readonly messages: readonly FetchedMessage[] }[]
  }[]
}

interface FetchedMessage {
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer>>
}

const require = createRequire(import.meta.url)
const ClusterOf: new (
  options: Omit<KafkaConfig, 'socketFactory'> & { socketFactory: unknown; logger: Logger },
) => Cluster = require('kafkajs/src/cluster')
const socketFactory: () => unknown = require('kafkajs/src/network/socketFactory')

const types = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
}

interface Encoder {
  readonly buffer: Buffer
}
const codecOf = (compress: (data: Buffer) => Buffer, decompress: (data: Buffer) => Buffer) => ({
  compress: async (encoder: Encoder) => compress(encoder.buffer),
  decompress: async (data: Buffer) => decompress(data),
})
CompressionCodecs[CompressionTypes.Snappy] = () => codecOf(xerial, fromXerial)
CompressionCodecs[CompressionTypes.LZ4] = () =>
  codecOf(
    (data) => lz4.compressFrameSync(data),
    (data) => lz4.decompressFrameSync(data),
  )
CompressionCodecs[CompressionTypes.ZSTD] = () => codecOf(zstdCompressSync, zstdDecompressSync)

const xerialHeader = Buffer.from([
  0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1,
])

/** Snappy as the Java client frames it: a header, then blocks of 32 KB each after its length. */
function xerial(data: Buffer): Buffer {
  const parts: Buffer[] = [xerialHeader]
  for (let at = 0; at < data.length; at += 32_768) {
    const block = snappy.compressSync(data.subarray(at, at + 32_768))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

function fromXerial(data: Buffer): Buffer {
  if (!data.subarray(0, 8).equals(xerialHeader.subarray(0, 8)))
    return Buffer.from(snappy.uncompressSync(data))
  const parts: Buffer[] = []
  for (let at = xerialHeader.length; at < data.length; ) {
    const length = data.readUInt32BE(at)
    parts.push(Buffer.from(snappy.uncompressSync(data.subarray(at + 4, at + 4 + length))))
    at += 4 + length
  }
  return Buffer.concat(parts)
}

export async function openKafkajs(bootstrap: string): Promise<Client> {
  const config = {
    brokers: [bootstrap],
    clientId: 'kafkajs-test',
    logLevel: logLevel.NOTHING,
    connectionTimeout: 10_000,
  }
  const kafka = new Kafka(config)
  const admin = kafka.admin()
  const producers = new Map<boolean, ReturnType<typeof kafka.producer>>()
  const cluster = new ClusterOf({
    ...config,
    logger: kafka.logger(),
    socketFactory: socketFactory(),
  })
  await Promise.all([admin.connect(), cluster.connect()])

  async function producerOf(idempotent: boolean): Promise<ReturnType<typeof kafka.producer>> {
    const existing = producers.get(idempotent)
    if (existing !== undefined) return existing
    const createPartitioner = kafkajs.Partitioners.DefaultPartitioner
    const made = kafka.producer({ createPartitioner, idempotent, allowAutoTopicCreation: false })
    producers.set(idempotent, made)
    await made.connect()
    return made
  }

  async function produce(
    topic: string,
    records: readonly TestRecord[],
    options: ProduceOptions = {},
  ): Promise<Place[]> {
    const producer = await producerOf(options.idempotent ?? false)
    const answers = await producer.send({
      topic,
      acks: options.acks ?? -1,
      compression: types[options.codec ?? 'none'],
      messages: records.map(toMessage),
    })
    if (options.acks === 0) return []
    // The answer names the first offset of each partition; the others follow in the order sent.
    const next = new Map(answers.map((a) => [a.partition, Number(a.baseOffset)]))
    return records.map(({ partition }) => {
      const offset = next.get(partition) ?? -1
      next.set(partition, offset + 1)
      return { partition, offset }
    })
  }

  async function read(
    topic: string,
    partition: number,
    offset: number,
    count: number,
  ): Promise<StoredRecord[]> {
    await cluster.addTargetTopic(topic)
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
    if (nodeId === undefined) throw new Error(`${topic}-${partition} has no leader`)
    const broker = await cluster.findBroker({ nodeId })
    const found: StoredRecord[] = []
    let from = offset
    while (found.length < count) {
      const answer: Fetched = await broker.fetch({
        replicaId: -1,
        maxWaitTime: 1000,
        minBytes: 1,
        maxBytes: 16 * 1024 * 1024,
        topics: [
          { topic, partitions: [{ partition, fetchOffset: `${from}`, maxBytes: 1024 * 1024 }] },
        ],
      })
      const messages = answer.responses[0]?.partitions[0]?.messages ?? []
      if (messages.length === 0)
        throw new Error(
          `${topic}-${partition} has nothing at ${from}, ${found.length} of ${count} read`,
        )
      for (const message of messages)
        if (Number(message.offset) >= from) found.push(fromMessage(message, partition))
      from = (found.at(-1)?.offset ?? from - 1) + 1
    }
    return found.slice(0, count)
  }

  return {
    produce,
    read,
    async offsetAt(topic, partition, at) {
      if (typeof at === 'number') {
        const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, at)
        return Number(offsets.find((o) => o.partition === partition)?.offset)
      }
      const offsets = await admin.fetchTopicOffsets(topic)
      const ends = offsets.find((o) => o.partition === partition)
      return Number(at === 'earliest' ? ends?.low : ends?.high)
    },
    admin: adminOf(admin),
    async close() {
      await Promise.all([...producers.values()].map((p) => p.disconnect()))
      await Promise.all([admin.disconnect(), cluster.disconnect()])
    },
  }
}

function toMessage(record: TestRecord) {
  return {
    key: record.key,
    value: record.value,
    headers: Object.fromEntries(
      record.headers.map(([name, value]) => [name, value ?? Buffer.alloc(0)]),
    ),
    ...(record.timestampMs === undefined ? {} : { timestamp: `${record.timestampMs}` }),
    partition: record.partition,
  }
}

function fromMessage(message: FetchedMessage, partition: number): StoredRecord {
  return {
    offset: Number(message.offset),
    partition,
    key: message.key,
    value: message.value,
    headers: Object.entries(message.headers),
    timestampMs: Number(message.timestamp),
  }
}

function adminOf(admin: Admin): ClientAdmin {
  const resource = (topic: string) => ({ type: ConfigResourceTypes.TOPIC, name: topic })
  return {
    async createTopic(topic, partitions, config) {
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
      const created = await admin.createTopics({
        waitForLeaders: false,
        topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }],
      })
      if (!created) throw new Error(`${topic} exists already`)
    },
    deleteTopic: (topic) => admin.deleteTopics({ topics: [topic] }),
    async partitionCount(topic) {
      if (!(await admin.listTopics()).includes(topic)) return undefined
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
      return topics[0]?.partitions.length
    },
    async createPartitions(topic, count) {
      await admin.createPartitions({ topicPartitions: [{ topic, count }] })
    },
    async topicConfig(topic, key) {
      const answer = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ ...resource(topic), configNames: [key] }],
      })
      return answer.resources[0]?.configEntries[0]?.configValue ?? null
    },
    async alterTopicConfig(topic, key, value) {
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ ...resource(topic), configEntries: [{ name: key, value }] }],
      })
    },
    async deleteRecords(topic, partition, offset) {
      // Without it kafkajs looks for the leader in metadata that it has not asked for.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: `${offset}` }] })
    },
  }
}
