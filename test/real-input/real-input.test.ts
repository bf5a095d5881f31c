import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Broker } from '../clients/broker.ts'
import type { Client, Place } from '../clients/client.ts'
import { openKafkajs } from '../clients/drivers/kafkajs.ts'
import { noControl, startBroker } from '../clients/harness.ts'
import { uniqueTopic, waitFor } from '../clients/support.ts'
import { realLines } from './lines.ts'

const inputBytes = 8 * 1024 * 1024
/** Lines of one call of the producer. */
const chunkLines = 4000
const topicConfig = { 'max.message.bytes': '20000000' }

describe('the texts of the installed packages', () => {
  test('come back line by line as they went in', async () => {
    await using broker = await startBroker()
    const lines = await realLines(inputBytes, true)
    const topic = await topicOf(broker)
    const client = await openKafkajs(broker.bootstrap)
    await send(client, topic, lines, { idempotent: true, codec: 'lz4' }, () => {})
    assertSame(await readValues(client, topic, 0, lines.length), lines)
    await client.close()
  })

  for (const acks of [1, -1] as const)
    test(`are all there after a kill -9 in the middle, with acks ${acks}`, {
      skip: noControl,
    }, async () => {
      await using broker = await startBroker()
      const lines = await realLines(inputBytes, true)
      const topic = await topicOf(broker)
      const client = await openKafkajs(broker.bootstrap)
      let crash: Promise<void> | undefined
      const options = { acks, idempotent: acks === -1 }
      const places = await send(client, topic, lines, options, (sent) => {
        // Not awaited: the next lines are under way while the broker dies and comes back.
        if (sent > lines.length / 2) crash ??= broker.kill().then(() => broker.restart())
      })
      assert.ok(crash)
      await crash
      if (acks === -1) assertSame(await readValues(client, topic, 0, lines.length), lines)
      else await assertAcknowledged(client, topic, lines, places)
      await client.close()
    })
})

async function topicOf(broker: Broker): Promise<string> {
  const topic = uniqueTopic('real-input')
  const helper = await openKafkajs(broker.bootstrap)
  await helper.admin?.createTopic(topic, 1, topicConfig)
  const ready = async () => (await helper.offsetAt?.(topic, 0, 'latest').catch(() => -1)) === 0
  await waitFor(`the leader of ${topic}`, 10_000, ready)
  await helper.close()
  return topic
}

/** Sends all lines in order. @returns where each of them was acknowledged to be. */
async function send(
  client: Client,
  topic: string,
  lines: readonly Buffer[],
  options: { readonly acks?: 1 | -1; readonly idempotent: boolean; readonly codec?: 'lz4' },
  afterChunk: (sentLines: number) => void,
): Promise<Place[]> {
  const places: Place[] = []
  for (let at = 0; at < lines.length; at += chunkLines) {
    const chunk = lines.slice(at, at + chunkLines)
    const records = chunk.map((value) => ({ key: null, value, headers: [], partition: 0 }))
    places.push(...(await client.produce(topic, records, options)))
    afterChunk(places.length)
  }
  return places
}

async function readValues(
  client: Client,
  topic: string,
  from: number,
  count: number,
): Promise<(Buffer | null)[]> {
  return (await client.read(topic, 0, from, count)).map((record) => record.value)
}

function assertSame(found: readonly (Buffer | null)[], lines: readonly Buffer[]): void {
  assert.equal(found.length, lines.length)
  for (const [i, line] of lines.entries())
    if (found[i]?.equals(line) !== true)
      assert.equal(`${found[i]}`, `${line}`, `line ${i} of ${lines.length}`)
}

/** Without idempotence a line may be there twice, yet each is where its acknowledgement said. */
async function assertAcknowledged(
  client: Client,
  topic: string,
  lines: readonly Buffer[],
  places: readonly Place[],
): Promise<void> {
  assert.equal(places.length, lines.length)
  const count = Math.max(...places.map((p) => p.offset)) + 1
  const found = await readValues(client, topic, 0, count)
  assertSame(
    places.map((p) => found[p.offset] ?? null),
    lines,
  )
}
