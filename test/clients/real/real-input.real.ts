import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { realLines } from '../../real-input/lines.ts'
import type { Broker } from '../broker.ts'
import { openKafkajs } from '../drivers/kafkajs.ts'
import { noControl, startBroker } from '../harness.ts'
import { uniqueTopic } from '../support.ts'
import { missing } from './install.ts'
import { kcat } from './kcat.ts'

const inputBytes = 50 * 1024 * 1024
const topicConfig = { 'max.message.bytes': '20000000' }
const large = ['-X', 'message.max.bytes=20000000']
const skip = await missing('kcat')

describe('50 MB of real text through kcat', { skip }, () => {
  let home: string
  let file: string
  let content: Buffer
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'moldau-input-'))
    file = join(home, 'lines')
    // It sends no empty lines.
    content = Buffer.concat(withEnds(await realLines(inputBytes, false)))
    await writeFile(file, content)
  })
  after(() => rm(home, { recursive: true, force: true }))

  for (const codec of ['none', 'zstd'])
    test(`comes back byte for byte, in ${codec}`, async () => {
      await using broker = await startBroker()
      const topic = await topicOf(broker.bootstrap)
      await kcat(['-b', broker.bootstrap, '-P', '-t', topic, '-z', codec, ...large, '-l', file])
      assertSame(await readBack(broker.bootstrap, topic), content)
    })

  for (const acks of ['1', '-1'])
    test(`comes back byte for byte over a kill -9 in the middle, with acks ${acks}`, {
      skip: noControl,
    }, async () => {
      await using broker = await startBroker()
      const topic = await topicOf(broker.bootstrap)
      const acknowledged = await produceIntoKill(broker, topic, acks, content)
      await broker.restart()
      // In one partition, nothing sent again: what is there must be a beginning of the input.
      const before = await readBack(broker.bootstrap, topic)
      assertSame(before, content.subarray(0, before.length))
      const stored = count(before, 10)
      assert.ok(stored >= acknowledged, `${acknowledged} acknowledged, ${stored} stored`)
      const rest = content.subarray(before.length)
      await kcat(['-b', broker.bootstrap, '-P', '-t', topic, ...large], rest)
      assertSame(await readBack(broker.bootstrap, topic), content)
    })
})

function withEnds(lines: readonly Buffer[]): Buffer[] {
  const end = Buffer.from('\n')
  return lines.flatMap((line) => [line, end])
}

async function topicOf(bootstrap: string): Promise<string> {
  const topic = uniqueTopic('kcat-input')
  const helper = await openKafkajs(bootstrap)
  await helper.admin?.createTopic(topic, 1, topicConfig)
  await helper.close()
  return topic
}

/** Feeds kcat until the broker is killed, and kcat with it. @returns how many lines were acknowledged. */
async function produceIntoKill(
  broker: Broker,
  topic: string,
  acks: string,
  content: Buffer,
): Promise<number> {
  const settings = [`acks=${acks}`, 'message.send.max.retries=0', 'linger.ms=5']
  const args = ['-P', '-vvv', '-t', topic, '-X', 'topic.produce.offset.report=true', ...large]
  const producer = spawn(
    'kcat',
    ['-b', broker.bootstrap, ...args, ...settings.flatMap((setting) => ['-X', setting])],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  )
  let acknowledged = 0
  let halfway: () => void = () => {}
  const half = new Promise<void>((resolve) => {
    halfway = resolve
  })
  const total = count(content, 10)
  createInterface({ input: producer.stderr }).on('line', (line) => {
    if (!line.includes('Message delivered')) return
    acknowledged += 1
    if (acknowledged > total / 2) halfway()
  })
  const ended = new Promise((resolve) => producer.on('close', resolve))
  producer.stdin.on('error', () => {})
  producer.stdin.write(content)
  await half
  await broker.kill()
  producer.stdin.end()
  await ended
  assert.ok(acknowledged < total, 'the kill came in the middle')
  return acknowledged
}

function count(bytes: Buffer, byte: number): number {
  let found = 0
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) found += 1
  return found
}

async function readBack(bootstrap: string, topic: string): Promise<Buffer> {
  const from = ['-C', '-q', '-e', '-t', topic, '-o', 'beginning', '-X', 'check.crcs=true']
  const sizes = ['fetch.message.max.bytes=20000000', 'receive.message.max.bytes=100000000']
  return await kcat(['-b', bootstrap, ...from, ...sizes.flatMap((size) => ['-X', size])])
}

function assertSame(found: Buffer, sent: Buffer): void {
  const sum = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
  assert.equal(found.length, sent.length)
  assert.equal(sum(found), sum(sent))
}
