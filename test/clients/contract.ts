/** The rules that hold for every client, whatever its library: the body of each `*.test.ts` here. */

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { Broker } from './broker.ts'
import { type RoundTrip, record, roundTrips } from './cases.ts'
import {
  type Client,
  codecs,
  type OpenClient,
  type Place,
  type StoredRecord,
  type TestRecord,
  type Traits,
} from './client.ts'
import { openKafkajs } from './drivers/kafkajs.ts'
import { startBroker } from './harness.ts'
import { uniqueTopic, waitFor } from './support.ts'

/** Producers that send at once, records of each, and keys that each of them owns. */
const parallel = { producers: 20, records: 200, keys: 5, partitions: 7 }

/** Declares the tests of one client. They share one broker. */
export function clientContract(traits: Traits, open: OpenClient): void {
  describe(traits.name, () => {
    let broker: Broker
    let client: Client
    let helper: Client
    before(async () => {
      broker = await startBroker()
      helper = await openKafkajs(broker.bootstrap)
    })
    // A client of its own for each test: a topic that one test deletes haunts a client's metadata.
    beforeEach(async () => {
      client = await open(broker.bootstrap)
    })
    afterEach(async (context) => {
      await client?.close()
      if ('passed' in context && !context.passed) console.error(broker.output())
    })
    after(async () => {
      await helper?.close()
      if (!(traits.lingers && broker?.endsWithProcess)) await broker?.[Symbol.asyncDispose]()
    })

    /** A topic of its own for one test, ready to be used. */
    async function topicOf(
      purpose: string,
      partitions = 1,
      config: Readonly<Record<string, string>> = {},
    ): Promise<string> {
      const topic = uniqueTopic(purpose)
      await helper.admin?.createTopic(topic, partitions, config)
      const ready = async () => (await end(helper, topic, partitions - 1).catch(() => -1)) === 0
      await waitFor(`${topic} to have leaders`, 10_000, ready)
      return topic
    }

    for (const row of roundTrips)
      test(row.rule, { skip: whyNot(row, traits) }, async () => {
        const topic = await topicOf('round-trip', row.partitions, row.config)
        const sent = row.records()
        const places = await client.produce(topic, sent, { codec: row.codec })
        await assertStored(client, topic, sent, places, traits, row.config)
      })

    for (const acks of [1, 0] as const)
      test(`records sent with acks ${acks} can be read`, async () => {
        const topic = await topicOf('acks')
        const sent = [record('a', 'first'), record('b', 'second')]
        await client.produce(topic, sent, { acks })
        await waitFor('both records', 10_000, async () => (await end(helper, topic, 0)) === 2)
        assert.deepEqual((await client.read(topic, 0, 0, 2)).map(keyOf), ['a', 'b'])
      })

    const noIdempotence = !traits.idempotence && `${traits.name} has no idempotent producer`
    test('an idempotent producer stores each record once and in order', {
      skip: noIdempotence,
    }, async () => {
      const topic = await topicOf('idempotent')
      for (let call = 0; call < 20; call++) {
        const sent = Array.from({ length: 10 }, (_, i) => record(`${call * 10 + i}`, 'x'))
        await client.produce(topic, sent, { idempotent: true })
      }
      assert.equal(await end(helper, topic, 0), 200)
      const keys = (await client.read(topic, 0, 0, 200)).map(keyOf)
      assert.deepEqual(
        keys,
        Array.from({ length: 200 }, (_, i) => `${i}`),
      )
    })

    test('a read may begin at any offset', async () => {
      const topic = await topicOf('middle')
      const sent = Array.from({ length: 100 }, (_, i) => record(`${i}`, 'x'))
      await client.produce(topic, sent)
      for (const from of [0, 1, 50, 99])
        assert.deepEqual((await client.read(topic, 0, from, 1)).map(keyOf), [`${from}`])
    })

    test(`${parallel.producers} producers at once keep the order of each key`, async () => {
      const topic = await topicOf('parallel', parallel.partitions)
      await Promise.all(
        Array.from({ length: parallel.producers }, (_, p) =>
          produceOrdered(open, broker, topic, p),
        ),
      )
      await assertOrdered(client, helper, topic)
    })

    seekTests(traits, () => client, topicOf)
    adminTests(traits, () => client)
  })
}

function whyNot(row: RoundTrip, traits: Traits): string | false {
  const stored = row.config['compression.type']
  const unknown = codecs.find(
    (c) => (c === row.codec || c === stored) && !traits.codecs.includes(c),
  )
  if (unknown !== undefined) return `${traits.name} has no ${unknown}`
  const missing = row.needs.find((need) => !traits[need])
  return missing !== undefined && `${traits.name} cannot do it (${missing})`
}

/** Reads every place back and compares it with what was sent there. */
async function assertStored(
  client: Client,
  topic: string,
  sent: readonly TestRecord[],
  places: readonly Place[],
  traits: Traits,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  assert.equal(places.length, sent.length, 'one place for each record')
  const brokerStamps = config['message.timestamp.type'] === 'LogAppendTime'
  const timed = sent.some((r) => r.timestampMs !== undefined) && !brokerStamps
  const expected = Map.groupBy(
    sent.map((r, i) => ({ ...comparable(r, traits, timed), ...place(places, i) })),
    (r) => r.partition,
  )
  for (const [partition, records] of expected) {
    records.sort((a, b) => a.offset - b.offset)
    const read = await client.read(topic, partition, 0, records.length)
    assert.equal(read.length, records.length)
    // One at a time: the first difference says more than all of them.
    for (const [i, r] of read.entries())
      assert.deepEqual({ ...comparable(r, traits, timed), partition, offset: r.offset }, records[i])
  }
  if (traits.choosesPartition)
    assert.deepEqual(
      places.map((p) => p.partition),
      sent.map((r) => r.partition),
    )
}

function place(places: readonly Place[], index: number): Place {
  const found = places[index]
  assert.ok(found)
  return { partition: found.partition, offset: found.offset }
}

/** The part of a record that this client can tell. */
function comparable(record: TestRecord | StoredRecord, traits: Traits, timed: boolean) {
  const blank = (bytes: Buffer | null): string | null =>
    bytes === null ? (traits.nulls ? null : '') : digest(bytes)
  const headers = traits.headers ? record.headers.map(([n, v]) => `${n}: ${v && digest(v)}`) : []
  return {
    key: blank(record.key),
    value: blank(record.value),
    headers: traits.headerOrder ? headers : headers.toSorted(),
    timestampMs: timed ? record.timestampMs : undefined,
  }
}

/** Bytes as text that stays readable in a failure: whole when short, else both ends and the size. */
function digest(bytes: Buffer): string {
  if (bytes.length <= 256) return bytes.toString('latin1')
  const sum = bytes.reduce((all, byte) => (Math.imul(all, 31) + byte) | 0, 0)
  return `${bytes.toString('latin1', 0, 32)}… ${bytes.length} bytes, sum ${sum}`
}

const keyOf = (record: TestRecord): string | undefined => record.key?.toString()

async function end(client: Client, topic: string, partition: number): Promise<number> {
  return (await client.offsetAt?.(topic, partition, 'latest')) ?? -1
}

/** One of the parallel producers: a client of its own, keys of its own, one call after the other. */
async function produceOrdered(
  open: OpenClient,
  broker: Broker,
  topic: string,
  producer: number,
): Promise<void> {
  const client = await open(broker.bootstrap)
  const perCall = 50
  for (let at = 0; at < parallel.records; at += perCall) {
    const sent = Array.from({ length: perCall }, (_, i) => ({
      ...record(`${producer}/${(at + i) % parallel.keys}`, `${at + i}`),
      partition: (producer + ((at + i) % parallel.keys)) % parallel.partitions,
    }))
    await client.produce(topic, sent)
  }
  await client.close()
}

async function assertOrdered(client: Client, helper: Client, topic: string): Promise<void> {
  const seen = new Map<string, number[]>()
  for (let partition = 0; partition < parallel.partitions; partition++) {
    const count = await end(helper, topic, partition)
    for (const { key, value } of count === 0 ? [] : await client.read(topic, partition, 0, count)) {
      const values = seen.get(`${key}`) ?? []
      values.push(Number(value))
      seen.set(`${key}`, values)
    }
  }
  assert.equal(seen.size, parallel.producers * parallel.keys)
  for (const [key, values] of seen) {
    const first = Number(key.split('/')[1])
    const count = parallel.records / parallel.keys
    const expected = Array.from({ length: count }, (_, i) => first + i * parallel.keys)
    assert.deepEqual(values, expected, `key ${key}`)
  }
}

type TopicOf = (
  purpose: string,
  partitions?: number,
  config?: Readonly<Record<string, string>>,
) => Promise<string>

/** Looking for offsets: the ends of a log and the first record of a time. */
function seekTests(traits: Traits, client: () => Client, topicOf: TopicOf): void {
  const at = (topic: string, position: number | 'earliest' | 'latest'): Promise<number> =>
    client().offsetAt?.(topic, 0, position) ?? Promise.reject(new Error('cannot ask'))

  test('a search by time finds the first record not older', { skip: noSeek(traits) }, async () => {
    const topic = await topicOf('seek')
    const startMs = Date.now() - 3_600_000
    const sent = Array.from({ length: 300 }, (_, i) => ({
      ...record(`${i}`, 'x'),
      timestampMs: startMs + i * 1000,
    }))
    for (let from = 0; from < 300; from += 30)
      await client().produce(topic, sent.slice(from, from + 30), {
        codec: from % 60 ? 'gzip' : 'none',
      })
    assert.equal(await at(topic, 'earliest'), 0)
    assert.equal(await at(topic, 'latest'), 300)
    for (const [ms, offset] of [
      [0, 0],
      [startMs, 0],
      [startMs + 1, 1],
      [startMs + 44_500, 45],
      [startMs + 150_000, 150],
      [startMs + 299_000, 299],
    ] as const)
      assert.equal(await at(topic, ms), offset, `at ${ms - startMs} ms`)
  })

  test('a search in an empty log finds its end', { skip: noSeek(traits) }, async () => {
    const topic = await topicOf('seek-empty')
    assert.equal(await at(topic, 'earliest'), 0)
    assert.equal(await at(topic, 'latest'), 0)
  })
}

const noSeek = (traits: Traits): string | false =>
  !traits.timestamps && `${traits.name} cannot ask for an offset by time`

/** What the client's own admin calls do, seen through the same client. */
function adminTests(traits: Traits, client: () => Client): void {
  const skip = !traits.admin && `${traits.name} has no admin calls`
  const admin = () => {
    const own = client().admin
    assert.ok(own)
    return own
  }

  test('a topic is created, described, grown and deleted', { skip }, async () => {
    const topic = uniqueTopic('admin')
    assert.equal(await admin().partitionCount(topic), undefined)
    await admin().createTopic(topic, 2, { 'retention.ms': '123456' })
    await waitFor('two partitions', 10_000, async () => (await admin().partitionCount(topic)) === 2)
    assert.equal(await admin().topicConfig(topic, 'retention.ms'), '123456')
    await assert.rejects(admin().createTopic(topic, 2, {}), 'the same name again')
    await admin().createPartitions(topic, 5)
    const grown = async () => (await admin().partitionCount(topic)) === 5
    await waitFor('five partitions', 10_000, grown)
    const [place] = await client().produce(topic, [{ ...record('k', 'v'), partition: 4 }])
    if (traits.choosesPartition) assert.deepEqual(place, { partition: 4, offset: 0 })
    await assert.rejects(admin().createPartitions(topic, 3), 'fewer partitions')
    await admin().deleteTopic(topic)
    const gone = async () => (await admin().partitionCount(topic)) === undefined
    await waitFor('the topic to be gone', 10_000, gone)
  })

  test('a changed topic configuration is told at once and acts', { skip }, async () => {
    const topic = uniqueTopic('config')
    await admin().createTopic(topic, 1, {})
    assert.equal(await admin().topicConfig(topic, 'max.message.bytes'), '1048588')
    await admin().alterTopicConfig(topic, 'max.message.bytes', '2000')
    const changed = async () => (await admin().topicConfig(topic, 'max.message.bytes')) === '2000'
    await waitFor('the new value', 10_000, changed)
    await client().produce(topic, [record('fits', 'x'.repeat(1000))])
    await assert.rejects(client().produce(topic, [record('too large', 'x'.repeat(3000))]))
  })

  const cannotDelete = !traits.deletesRecords && `${traits.name} cannot delete records`
  test('records before an offset are deleted', { skip: cannotDelete }, async () => {
    const topic = uniqueTopic('delete-records')
    await admin().createTopic(topic, 1, {})
    await client().produce(
      topic,
      Array.from({ length: 10 }, (_, i) => record(`${i}`, 'x')),
    )
    await admin().deleteRecords(topic, 0, 4)
    assert.equal(await client().offsetAt?.(topic, 0, 'earliest'), 4)
    assert.equal(await client().offsetAt?.(topic, 0, 'latest'), 10)
    assert.deepEqual((await client().read(topic, 0, 4, 6)).map(keyOf), [
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
    ])
  })
}
