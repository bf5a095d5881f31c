import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type KafkaRecord, Reader, readRecordsBatches } from '@platformatic/kafka'
import { metadata } from '../../src/protocol/api/03-metadata.ts'
import { ZERO_UUID } from '../../src/protocol/primitives.ts'
import type { Broker } from './broker.ts'
import { openPlatformatic } from './drivers/platformatic.ts'
import { noControl, startBroker } from './harness.ts'
import { RawConnection } from './raw/connection.ts'
import { endOffset, fetchOnce } from './raw/requests.ts'
import { projectDirectory, waitFor } from './support.ts'

/** A directory that a real Kafka wrote, and what its own reader says is in it. */
const fixtures = join(projectDirectory, '../shared/reference/kafka/fixtures')
const skip = noControl || (!existsSync(fixtures) && 'there is no ../shared/reference')

/** A batch as the reference describes it; text where it is printable UTF-8, else hexadecimal. */
interface ExpectedBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly sizeInBytes: number
  readonly magic: number
  readonly partitionLeaderEpoch: number
  readonly crc: number
  readonly compression: string
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly records: readonly ExpectedRecord[]
}

interface ExpectedRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key?: string | null
  readonly keyHex?: string
  readonly value?: string | null
  readonly valueHex?: string
  readonly headers?: readonly ExpectedHeader[]
}

interface ExpectedHeader {
  readonly key: string
  readonly value?: string | null
  readonly valueHex?: string
}

const codecNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** The partitions that are described. The metadata log of KRaft is no topic, to clients of Kafka neither. */
const described = skip
  ? []
  : (await readdir(join(fixtures, 'expected')))
      .map((file) => file.replace('.json', ''))
      .filter((name) => !name.startsWith('__cluster_metadata'))

describe('a directory written by Kafka', { skip }, () => {
  let home: string
  let broker: Broker
  let connection: RawConnection
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'moldau-fixtures-'))
    await cp(join(fixtures, 'log-dir'), join(home, 'data'), { recursive: true })
    const config = { 'node.id': '1', 'log.retention.ms': '-1' }
    broker = await startBroker({ dataDirectory: join(home, 'data'), config })
    connection = await RawConnection.open(broker.bootstrap)
  })
  after(async () => {
    connection?.close()
    await broker?.[Symbol.asyncDispose]()
    await rm(home, { recursive: true, force: true })
  })

  for (const name of described) {
    const { topic, partition } = placeOf(name)
    test(`${name} is served as it was written, batch by batch`, async () => {
      const start = await startOf(topic, partition)
      const expected = (await expectedOf(name)).filter((batch) => batch.baseOffset >= start)
      const read = await readAll(connection, topic, partition, expected[0]?.baseOffset ?? 0)
      assert.deepEqual(
        read.map((b) => b.baseOffset),
        expected.map((b) => b.baseOffset),
      )
      for (const [i, batch] of read.entries()) assert.deepEqual(batch, trimmed(expected[i]))
    })
  }

  for (const name of described.filter((n) => !n.startsWith('__')))
    test(`${name} is read by a client`, async () => {
      const { topic, partition } = placeOf(name)
      // The library hands markers of transactions over as records.
      const expected = (await expectedOf(name)).flatMap((batch) => batch.records)
      const client = await openPlatformatic(broker.bootstrap)
      const read = await client.read(topic, partition, expected[0]?.offset ?? 0, expected.length)
      await client.close()
      for (const [i, r] of read.entries()) {
        const wanted = expected[i]
        assert.ok(wanted)
        assert.deepEqual(
          [r.offset, hex(r.key), hex(r.value), r.timestampMs],
          [wanted.offset, keyBytesOf(wanted), valueBytesOf(wanted), wanted.timestamp],
        )
      }
    })

  test('every topic keeps the id of its files', async () => {
    const listed = await connection.ask(metadata, 12, { topics: null })
    const ids = new Map(listed.topics.map((t) => [t.name, t.topicId]))
    for (const name of described) {
      const { topic } = placeOf(name)
      const file = await readFile(join(fixtures, 'log-dir', name, 'partition.metadata'), 'utf8')
      assert.equal(ids.get(topic), /topic_id: (\S+)/.exec(file)?.[1], name)
      assert.notEqual(ids.get(topic), ZERO_UUID)
    }
  })

  test('every topic has all its partitions', async () => {
    const directories = (await readdir(join(fixtures, 'log-dir'), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('__cluster_metadata'))
      .map((entry) => placeOf(entry.name))
    const listed = await connection.ask(metadata, 12, { topics: null })
    for (const [topic, partitions] of Map.groupBy(directories, (d) => d.topic))
      assert.equal(
        listed.topics.find((t) => t.name === topic)?.partitions.length,
        partitions.length,
      )
  })
})

function placeOf(name: string): { readonly topic: string; readonly partition: number } {
  const at = name.lastIndexOf('-')
  return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) }
}

async function expectedOf(name: string): Promise<ExpectedBatch[]> {
  return JSON.parse(await readFile(join(fixtures, 'expected', `${name}.json`), 'utf8'))
}

/** Where a log was told to start, by DeleteRecords; 0 where it was not. */
async function startOf(topic: string, partition: number): Promise<number> {
  const file = await readFile(join(fixtures, 'log-dir/log-start-offset-checkpoint'), 'utf8')
  const line = file.split('\n').find((l) => l.startsWith(`${topic} ${partition} `))
  return Number(line?.split(' ')[2] ?? 0)
}

/** Every batch of a partition, as the reference would describe it. */
async function readAll(
  connection: RawConnection,
  topic: string,
  partition: number,
  from: number,
): Promise<ReturnType<typeof trimmed>[]> {
  const end = await waitFor(`the leader of ${topic}`, 20_000, async () => {
    const offset = await endOffset(connection, topic, partition)
    return offset === undefined ? undefined : { offset }
  })
  const found: ReturnType<typeof trimmed>[] = []
  for (let at = from; at < end.offset; at = (found.at(-1)?.lastOffset ?? end.offset) + 1) {
    const { records, errorCode } = await fetchOnce(connection, topic, partition, at)
    assert.equal(errorCode, 0)
    const bytes = Buffer.from(records)
    for (let start = 0; start + 12 < bytes.length; ) {
      const size = 12 + bytes.readInt32BE(start + 8)
      found.push(describeBatch(bytes.subarray(start, start + size)))
      start += size
    }
  }
  return found
}

function describeBatch(bytes: Buffer): ReturnType<typeof trimmed> {
  const attributes = bytes.readInt16BE(21)
  const baseOffset = Number(bytes.readBigInt64BE(0))
  const firstTimestamp = bytes.readBigInt64BE(27)
  const maxTimestamp = Number(bytes.readBigInt64BE(35))
  const stamped = (attributes & 8) !== 0
  const [content] = readRecordsBatches(Reader.from(bytes))
  return {
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(23),
    sizeInBytes: bytes.length,
    magic: bytes.readInt8(16),
    partitionLeaderEpoch: bytes.readInt32BE(12),
    crc: bytes.readUInt32BE(17),
    compression: codecNames[attributes & 7] ?? '',
    timestampType: stamped ? 'LogAppendTime' : 'CreateTime',
    maxTimestamp,
    producerId: Number(bytes.readBigInt64BE(43)),
    producerEpoch: bytes.readInt16BE(51),
    baseSequence: bytes.readInt32BE(53),
    isTransactional: (attributes & 0x10) !== 0,
    isControl: (attributes & 0x20) !== 0,
    records: (content?.records ?? []).map((item: KafkaRecord) => ({
      offset: baseOffset + item.offsetDelta,
      timestamp: stamped ? maxTimestamp : Number(firstTimestamp + item.timestampDelta),
      key: hex(item.key),
      value: hex(item.value),
      headers: item.headers.map(([name, value]) => `${name}=${hex(value)}`),
    })),
  }
}

/** The part of a description that a batch itself can give, bytes in hexadecimal. */
function trimmed(batch: ExpectedBatch | undefined) {
  assert.ok(batch)
  const { baseOffset, lastOffset, sizeInBytes, magic, partitionLeaderEpoch, crc } = batch
  const { compression, timestampType, maxTimestamp, producerId, producerEpoch } = batch
  const { baseSequence, isTransactional, isControl } = batch
  return {
    ...{ baseOffset, lastOffset, sizeInBytes, magic, partitionLeaderEpoch, crc },
    ...{ compression, timestampType: `${timestampType}`, maxTimestamp, producerId, producerEpoch },
    ...{ baseSequence, isTransactional, isControl },
    records: batch.records.map((r) => ({
      offset: r.offset,
      timestamp: r.timestamp,
      key: keyBytesOf(r),
      value: valueBytesOf(r),
      headers: (r.headers ?? []).map((h) => `${h.key}=${h.valueHex ?? hexOf(h.value)}`),
    })),
  }
}

const hex = (bytes: Buffer | null): string | null => bytes?.toString('hex') ?? null
const hexOf = (text: string | null | undefined): string | null =>
  text == null ? null : Buffer.from(text).toString('hex')
const keyBytesOf = (r: ExpectedRecord): string | null => r.keyHex ?? hexOf(r.key)
const valueBytesOf = (r: ExpectedRecord): string | null => r.valueHex ?? hexOf(r.value)
