import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Broker } from '../broker.ts'
import { bytes, record } from '../cases.ts'
import { type Client, codecs } from '../client.ts'
import { openPlatformatic } from '../drivers/platformatic.ts'
import { noControl, startBroker } from '../harness.ts'
import { noOracle } from '../oracle.ts'
import { uniqueTopic, waitFor } from '../support.ts'
import type { Run } from './golden.ts'
import { runTools } from './java.ts'

const skip = noControl || (await noOracle())

/** What the tool prints when it finds something wrong. It takes -1 for the offset before every file. */
const complaints =
  /isvalid: false|mismatch|^ {2}(?!-1 )\d+ is followed by|out of order|Exception|unrecoverable|Found /i

/** Topics of two segments at least, with an index entry for every few records. */
const config = {
  'segment.bytes': `${1024 * 1024}`,
  'index.interval.bytes': '1024',
  'max.message.bytes': '3000000',
}
const batches = 60
const batchRecords = 40

describe('kafka-dump-log reads the files', { skip }, () => {
  let broker: Broker
  const topics = new Map<string, number>()
  before(async () => {
    broker = await startBroker()
    const client = await openPlatformatic(broker.bootstrap)
    for (const codec of codecs) await fill(client, topics, codec, { codec })
    await fill(client, topics, 'idempotent', { codec: 'lz4', idempotent: true })
    await fill(client, topics, 'stamped', { codec: 'zstd' }, 'LogAppendTime')
    await client.close()
  })
  after(() => broker?.[Symbol.asyncDispose]())

  test('after a clean stop', async () => {
    await broker.stop()
    await inspect(broker, topics)
  })

  test('after a kill, a start and a clean stop', async () => {
    await broker.restart()
    await broker.kill()
    await broker.restart()
    await broker.stop()
    await inspect(broker, topics)
  })
})

/** Makes a topic and writes a known number of records into it. */
async function fill(
  client: Client,
  topics: Map<string, number>,
  name: string,
  options: Parameters<Client['produce']>[2],
  timestampType = 'CreateTime',
): Promise<void> {
  const topic = uniqueTopic(`dump-${name}`)
  await client.admin?.createTopic(topic, 1, { ...config, 'message.timestamp.type': timestampType })
  const ready = async () => (await client.offsetAt?.(topic, 0, 'latest').catch(() => -1)) === 0
  await waitFor(`the leader of ${topic}`, 20_000, ready)
  for (let batch = 0; batch < batches; batch++) {
    const records = Array.from({ length: batchRecords }, (_, i) => ({
      ...record(`key-${i}`, bytes(1000, batch * batchRecords + i + 1)),
      headers: [['batch', Buffer.from(`${batch}`)] as const],
    }))
    await client.produce(topic, records, options)
  }
  topics.set(topic, batches * batchRecords)
}

/** Lets the tool read every file of every topic. */
async function inspect(broker: Broker, topics: ReadonlyMap<string, number>): Promise<void> {
  assert.ok(broker.dataDirectory)
  const files = new Map<string, string[]>()
  for (const topic of topics.keys()) {
    const directory = join(broker.dataDirectory, `${topic}-0`)
    files.set(topic, (await readdir(directory)).map((file) => join(directory, file)).toSorted())
  }
  const of = (topic: string, extension: string): string =>
    (files.get(topic) ?? []).filter((file) => file.endsWith(extension)).join(',')
  const runs = await runTools(
    broker.bootstrap,
    [...topics.keys()].flatMap((topic) => [
      command(`${topic} log`, `--deep-iteration --files ${of(topic, '.log')}`),
      command(`${topic} index`, `--index-sanity-check --files ${of(topic, 'index')}`),
      command(`${topic} verified`, `--verify-index-only --files ${of(topic, 'index')}`),
      command(`${topic} snapshot`, `--files ${of(topic, '.snapshot')}`),
    ]),
  )
  for (const [name, run] of runs) assertContent(name, run)
  for (const [topic, count] of topics) {
    const records = runs.get(`${topic} log`)?.stdout.filter((line) => line.startsWith('| offset: '))
    assert.equal(records?.length, count, `records of ${topic}`)
    assert.ok(of(topic, '.log').includes(','), `${topic} has more than one segment`)
    const indexes = of(topic, '.index').split(',').length
    const passed = runs
      .get(`${topic} index`)
      ?.stdout.filter((line) => line.endsWith('.index passed sanity check.'))
    assert.equal(passed?.length, indexes, `indexes of ${topic}`)
  }
}

function command(name: string, args: string) {
  return { name, command: `kafka-dump-log ${args}`, stdin: '' }
}

function assertContent(name: string, run: Run): void {
  assert.equal(run.exit, '0', `${name}: ${run.stderr.join('\n')}`)
  const found = [...run.stdout, ...run.stderr].filter((line) => complaints.test(line))
  assert.deepEqual(found, [], name)
}
