import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { test } from 'node:test'
import { MemoryDisk } from '../kernel/memory-disk.ts'
import { realRandom } from '../kernel/real-clock.ts'
import {
  readCleanShutdown,
  removeCleanShutdown,
  writeCleanShutdown,
} from './clean-shutdown-file.ts'
import { readPartitionTopicId, writePartitionTopicId } from './partition-metadata-file.ts'
import { isId, randomHexId, randomId } from './random-id.ts'

const fixtures = new URL('../../../shared/reference/kafka/fixtures/log-dir/', import.meta.url)
const TOPIC_ID = 'RmwtJ6-YSZG4jOC8rJxB7w'

test("a real Kafka's files are read and written to the same bytes", (t) => {
  if (!fs.existsSync(fixtures)) return t.skip('no reference data at ../shared/reference')
  const metadata = new Uint8Array(fs.readFileSync(new URL('plain-0/partition.metadata', fixtures)))
  const marker = new Uint8Array(fs.readFileSync(new URL('.kafka_cleanshutdown', fixtures)))
  const disk = new MemoryDisk()
  disk.replaceFile('/partition.metadata', metadata)
  disk.replaceFile('/.kafka_cleanshutdown', marker)
  const topicId = readPartitionTopicId(disk, '/')
  const clean = readCleanShutdown(disk, '/')
  assert.equal(topicId, TOPIC_ID)
  assert.equal(clean?.brokerEpoch, 895)
  writePartitionTopicId(disk, '/', topicId)
  writeCleanShutdown(disk, '/', clean.brokerEpoch)
  assert.deepEqual(disk.readFile('/partition.metadata'), metadata)
  assert.deepEqual(disk.readFile('/.kafka_cleanshutdown'), marker)
})

const metadataTexts: Readonly<Record<string, string | undefined>> = {
  [`version: 0\ntopic_id: ${TOPIC_ID}`]: TOPIC_ID,
  [`version: 1\ntopic_id: ${TOPIC_ID}\nmore: x\n`]: TOPIC_ID,
  '': undefined,
  'version: 0\n': undefined,
  'version: 0\ntopic_id: short': undefined,
  'version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA': undefined,
  '\0\0\0\0': undefined,
}
for (const [text, topicId] of Object.entries(metadataTexts)) {
  test(`the topic id in ${JSON.stringify(text)} is ${topicId}`, () => {
    const disk = new MemoryDisk()
    disk.replaceFile('/partition.metadata', Buffer.from(text))
    assert.equal(readPartitionTopicId(disk, '/'), topicId)
  })
}

const markers: Readonly<Record<string, number>> = {
  '{"version":0,"brokerEpoch":12}': 12,
  '{"version":1,"brokerEpoch":12,"more":true}': 12,
  '': -1,
  '{}': -1,
  null: -1,
  '{"brokerEpoch":"x"}': -1,
}
for (const [text, brokerEpoch] of Object.entries(markers)) {
  test(`a clean shutdown marker of ${JSON.stringify(text)} has broker epoch ${brokerEpoch}`, () => {
    const disk = new MemoryDisk()
    disk.replaceFile('/.kafka_cleanshutdown', Buffer.from(text))
    assert.deepEqual(readCleanShutdown(disk, '/'), { brokerEpoch })
    removeCleanShutdown(disk, '/')
    assert.equal(readCleanShutdown(disk, '/'), undefined)
  })
}

test('ids are version 4 UUIDs that no tool takes for an option', () => {
  for (let round = 0; round < 200; round++) {
    const id = randomId(realRandom)
    assert(isId(id) && !id.startsWith('-'), id)
    assert.match(Buffer.from(id, 'base64url').toString('hex'), /^.{12}4.{3}[89ab].{15}$/)
  }
  assert.match(randomHexId(realRandom), /^[0-9a-f]{32}$/)
})
