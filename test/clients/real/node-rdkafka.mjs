/* node-rdkafka (librdkafka compiled on this machine) behind the line protocol of process-client.ts.
 * Arguments: the directory it is installed in, the bootstrap address. */

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const [home, bootstrap] = process.argv.slice(2)
const rdkafka = createRequire(join(home, 'package.json'))('node-rdkafka')

const readLimitMs = 20_000
const largestMessageBytes = 20_000_000
const common = { 'metadata.broker.list': bootstrap }

const bytesOf = (text) => (text === null ? null : Buffer.from(text, 'base64'))
const textOf = (bytes) => bytes?.toString('base64') ?? null

/** A call that ends in a callback, as a promise. */
const called = (start) =>
  new Promise((resolve, reject) =>
    start((error, result) => (error ? reject(error) : resolve(result))),
  )

const producers = new Map()
async function producerOf(codec, acks, idempotent) {
  const wanted = `${codec} ${acks} ${idempotent}`
  const existing = producers.get(wanted)
  if (existing !== undefined) return existing
  const settings = {
    ...common,
    'compression.codec': codec,
    'enable.idempotence': idempotent,
    'message.max.bytes': largestMessageBytes,
    'linger.ms': 5,
    'message.timeout.ms': 20_000,
    dr_cb: true,
  }
  const producer = new rdkafka.Producer(settings, { acks })
  producers.set(wanted, producer)
  await called((done) => producer.connect({}, done))
  producer.setPollInterval(5)
  producer.on('delivery-report', (error, report) => report.opaque(error, report))
  return producer
}

let connected
async function consumer() {
  connected ??= (async () => {
    const settings = {
      ...common,
      'group.id': 'never-joined',
      'enable.auto.commit': false,
      'fetch.max.bytes': largestMessageBytes,
      'max.partition.fetch.bytes': largestMessageBytes,
      'receive.message.max.bytes': 100_000_000,
      'check.crcs': true,
      'fetch.wait.max.ms': 20,
    }
    const made = new rdkafka.KafkaConsumer(settings, {})
    await called((done) => made.connect({}, done))
    made.setDefaultConsumeTimeout(200)
    return made
  })()
  return await connected
}

const calls = {
  traits: () => ({
    name: `node-rdkafka (librdkafka ${rdkafka.librdkafkaVersion})`,
    codecs: [
      'none',
      ...['gzip', 'snappy', 'lz4', 'zstd'].filter((c) => rdkafka.features.includes(c)),
    ],
    headers: true,
    headerOrder: true,
    // It takes header values for text.
    binaryHeaders: false,
    nullHeaders: false,
    timestamps: true,
    choosesPartition: true,
    nulls: true,
    admin: false,
    deletesRecords: false,
    idempotence: true,
    lingers: false,
  }),

  async produce({ topic, records, codec = 'none', acks = -1, idempotent = false }) {
    const producer = await producerOf(codec, acks, idempotent)
    const landed = records.map(({ partition, key, value, headers, timestampMs }) =>
      called((report) => {
        const pairs = headers.map(([name, text]) => ({ [name]: bytesOf(text) }))
        const at = timestampMs ?? Date.now()
        producer.produce(topic, partition, bytesOf(value), bytesOf(key), at, report, pairs)
      }),
    )
    const reports = await Promise.all(landed)
    return acks === 0 ? [] : reports.map(({ partition, offset }) => ({ partition, offset }))
  },

  async read({ topic, partition, offset, count }) {
    const reader = await consumer()
    reader.assign([{ topic, partition, offset }])
    const found = []
    const deadline = performance.now() + readLimitMs
    while (found.length < count) {
      if (performance.now() > deadline)
        throw new Error(`${topic}-${partition}: ${found.length} of ${count} read`)
      const batch = await called((done) =>
        reader.consume(Math.min(count - found.length, 1000), done),
      )
      for (const message of batch)
        found.push({
          offset: message.offset,
          partition,
          key: textOf(message.key),
          value: textOf(message.value),
          headers: (message.headers ?? []).flatMap((h) =>
            Object.entries(h).map(([name, value]) => [name, textOf(value)]),
          ),
          timestampMs: message.timestamp,
        })
    }
    return found
  },

  async offsetAt({ topic, partition, at }) {
    const reader = await consumer()
    const ends = await called((done) =>
      reader.queryWatermarkOffsets(topic, partition, 10_000, done),
    )
    if (at === 'earliest') return ends.lowOffset
    if (at === 'latest') return ends.highOffset
    const asked = [{ topic, partition, offset: at }]
    const [found] = await called((done) => reader.offsetsForTimes(asked, 10_000, done))
    return found.offset < 0 ? ends.highOffset : found.offset
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  const answer = (content) =>
    process.stdout.write(`${JSON.stringify({ id: request.id, ...content })}\n`)
  try {
    answer({ result: await calls[request.call](request.arguments) })
  } catch (error) {
    answer({ error: `${error}` })
  }
}
process.exit()
