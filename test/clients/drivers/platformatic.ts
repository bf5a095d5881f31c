/** @platformatic/kafka, whose own compression and fetch sessions these tests go through. */

import {
  Admin,
  ConfigResourceTypes,
  Consumer,
  FetchIsolationLevels,
  IncrementalAlterConfigOperationTypes,
  type KafkaRecord,
  ListOffsetTimestamps,
  Producer,
  type RecordsBatch,
} from '@platformatic/kafka'
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

export const platformaticTraits: Traits = {
  name: '@platformatic/kafka',
  codecs,
  headers: true,
  headerOrder: true,
  binaryHeaders: true,
  nullHeaders: true,
  timestamps: true,
  choosesPartition: true,
  nulls: true,
  admin: true,
  deletesRecords: true,
  idempotence: true,
  lingers: false,
}

/** By default the library refuses null values; bytes as they are, null as nothing, lets them pass. */
type Nullable = Buffer | null
type NullableProducer = Producer<Nullable, Nullable, Nullable, Nullable>
const asTheyAre = (bytes?: Nullable): Buffer | undefined => bytes ?? undefined
const serializers = {
  key: asTheyAre,
  value: asTheyAre,
  headerKey: asTheyAre,
  headerValue: asTheyAre,
}

/** Attribute bit of a batch whose maximum timestamp, set by the broker, holds for all its records. */
const logAppendTime = 8

export async function openPlatformatic(bootstrap: string): Promise<Client> {
  const options = { clientId: 'platformatic-test', bootstrapBrokers: [bootstrap], strict: true }
  const admin = new Admin(options)
  const consumer = new Consumer({ ...options, groupId: 'never-joined' })
  const producers = new Map<boolean, NullableProducer>()

  function producerOf(idempotent: boolean): NullableProducer {
    const producer =
      producers.get(idempotent) ?? new Producer({ ...options, idempotent, serializers })
    producers.set(idempotent, producer)
    return producer
  }

  async function produce(
    topic: string,
    records: readonly TestRecord[],
    { codec = 'none', acks = -1, idempotent = false }: ProduceOptions = {},
  ): Promise<Place[]> {
    const answer = await producerOf(idempotent).send({
      acks,
      compression: codec,
      messages: records.map((r) => ({
        topic,
        partition: r.partition,
        key: r.key,
        value: r.value,
        headers: new Map(r.headers.map(([name, value]) => [Buffer.from(name), value])),
        ...(r.timestampMs === undefined ? {} : { timestamp: BigInt(r.timestampMs) }),
      })),
    })
    if (acks === 0) return []
    // The answer names the first offset of each partition; the others follow in the order sent.
    const next = new Map(answer.offsets?.map((o) => [o.partition, Number(o.offset)]))
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
    const metadata = await consumer.metadata({ topics: [topic] })
    const known = metadata.topics.get(topic)
    const leader = known?.partitions[partition]?.leader
    if (known === undefined || leader === undefined) throw new Error(`no ${topic}-${partition}`)
    const found: StoredRecord[] = []
    for (let from = offset; found.length < count; ) {
      const wanted = {
        partition,
        fetchOffset: BigInt(from),
        partitionMaxBytes: 1024 * 1024,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
      }
      const answer = await consumer.fetch({
        node: leader,
        maxWaitTime: 1000,
        isolationLevel: FetchIsolationLevels.READ_UNCOMMITTED,
        topics: [{ topicId: known.id, partitions: [wanted] }],
      })
      const batches = answer.responses[0]?.partitions[0]?.records ?? []
      if (batches.length === 0)
        throw new Error(
          `${topic}-${partition}: nothing at ${from}, ${found.length} of ${count} read`,
        )
      for (const batch of batches)
        for (const item of batch.records) {
          const stored = toStored(item, batch, partition)
          if (stored.offset >= from) found.push(stored)
        }
      from = (found.at(-1)?.offset ?? from - 1) + 1
    }
    return found.slice(0, count)
  }

  async function offsetAt(
    topic: string,
    partition: number,
    at: number | 'earliest' | 'latest',
  ): Promise<number> {
    const ask = async (timestamp: bigint): Promise<number> => {
      const [listed] = await admin.listOffsets({
        topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp }] }],
      })
      return Number(listed?.partitions[0]?.offset)
    }
    if (at === 'earliest') return await ask(ListOffsetTimestamps.EARLIEST)
    if (at === 'latest') return await ask(ListOffsetTimestamps.LATEST)
    const offset = await ask(BigInt(at))
    return offset >= 0 ? offset : await ask(ListOffsetTimestamps.LATEST)
  }

  return {
    produce,
    read,
    offsetAt,
    admin: adminOf(admin),
    async close() {
      await Promise.all([...producers.values()].map((p) => p.close()))
      await Promise.all([admin.close(), consumer.close(true)])
    },
  }
}

function toStored(item: KafkaRecord, batch: RecordsBatch, partition: number): StoredRecord {
  const stamped = (batch.attributes & logAppendTime) !== 0
  return {
    offset: Number(batch.firstOffset) + item.offsetDelta,
    partition,
    key: item.key,
    value: item.value,
    headers: item.headers.map(([name, value]) => [`${name}`, value]),
    timestampMs: Number(stamped ? batch.maxTimestamp : batch.firstTimestamp + item.timestampDelta),
  }
}

function adminOf(admin: Admin): ClientAdmin {
  const resourceType = ConfigResourceTypes.TOPIC
  return {
    async createTopic(topic, partitions, config) {
      const configs = Object.entries(config).map(([name, value]) => ({ name, value }))
      await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs })
    },
    deleteTopic: (topic) => admin.deleteTopics({ topics: [topic] }),
    async partitionCount(topic) {
      if (!(await admin.listTopics()).includes(topic)) return undefined
      const metadata = await admin.metadata({ topics: [topic], forceUpdate: true })
      return metadata.topics.get(topic)?.partitionsCount
    },
    createPartitions: (topic, count) =>
      admin.createPartitions({ topics: [{ name: topic, count }] }),
    async topicConfig(topic, key) {
      const [described] = await admin.describeConfigs({
        resources: [{ resourceType, resourceName: topic, configurationKeys: [key] }],
      })
      return described?.configs.find((c) => c.name === key)?.value ?? null
    },
    async alterTopicConfig(topic, name, value) {
      const configs = [{ name, configOperation: IncrementalAlterConfigOperationTypes.SET, value }]
      await admin.incrementalAlterConfigs({
        resources: [{ resourceType, resourceName: topic, configs }],
      })
    },
    async deleteRecords(topic, partition, offset) {
      const partitions = [{ partition, offset: BigInt(offset) }]
      await admin.deleteRecords({ topics: [{ name: topic, partitions }] })
    },
  }
}
