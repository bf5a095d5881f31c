import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metadata } from '../../protocol/api/03-metadata.ts'
import { errors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { RequestInput } from '../../protocol/schema.ts'
import { TestBroker } from '../broker-fixtures-for-test.ts'

type Request = RequestInput<typeof metadata>

const { UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, INVALID_TOPIC_EXCEPTION } = errors

/** Name, error code and count of partitions of each topic, by name. */
async function topicsOf(b: TestBroker, request: Request, version?: number) {
  const { topics } = await b.ask(metadata, request, version)
  return topics
    .map(({ name, errorCode, partitions }) => `${name} ${errorCode} ${partitions.length}`)
    .toSorted()
}

const named = (...names: readonly string[]): Request => ({
  topics: names.map((name) => ({ name })),
})

test('null asks for all topics and an empty list for none; in v0 an empty list asks for all', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t', { partitions: 2 })
  await b.createTopic('u')
  assert.deepEqual(await topicsOf(b, { topics: null }), ['t 0 2', 'u 0 1'])
  for (const version of [1, 4, 9, 13]) {
    assert.deepEqual(await topicsOf(b, { topics: [] }, version), [])
  }
  assert.deepEqual(await topicsOf(b, { topics: [] }, 0), ['t 0 2', 'u 0 1'])
  await b.stop()
})

test('a topic that is asked for is made, and the first answer says that it is not there', async () => {
  const b = await TestBroker.start({ config: { 'num.partitions': '3' } })
  const unknown = `t ${UNKNOWN_TOPIC_OR_PARTITION.code} 0`
  assert.deepEqual(await topicsOf(b, named('t')), [unknown])
  assert.deepEqual(await topicsOf(b, named('t')), ['t 0 3'])
  assert.equal((await b.produce('t', ['a'], { partition: 2 })).errorCode, 0)
  await b.stop()
})

const notMade: readonly (readonly [string, Request, Readonly<Record<string, string>>])[] = [
  ['the request forbids it', { ...named('t'), allowAutoTopicCreation: false }, {}],
  ['the broker forbids it', named('t'), { 'auto.create.topics.enable': 'false' }],
  ['the topic is the broker’s own', named('__consumer_offsets'), {}],
]
for (const [why, request, config] of notMade) {
  test(`none is made when ${why}`, async () => {
    const b = await TestBroker.start({ config })
    for (const _ of [1, 2]) {
      const [told] = await topicsOf(b, request)
      assert.match(told!, new RegExp(` ${UNKNOWN_TOPIC_OR_PARTITION.code} 0$`))
    }
    assert.deepEqual(await topicsOf(b, { topics: null }), [])
    await b.stop()
  })
}

test('a name that no topic can have is INVALID_TOPIC_EXCEPTION, made or not', async () => {
  const b = await TestBroker.start()
  for (const name of ['', '.', '..', 'a b', 'x'.repeat(250)]) {
    for (const allowAutoTopicCreation of [false, true]) {
      const told = await topicsOf(b, { ...named(name), allowAutoTopicCreation })
      assert.deepEqual(told, [`${name} ${INVALID_TOPIC_EXCEPTION.code} 0`])
    }
  }
  assert.deepEqual(await topicsOf(b, { topics: null }), [])
  await b.stop()
})

test('topics are found by id, and those that are not are UNKNOWN_TOPIC_ID without a name', async () => {
  const b = await TestBroker.start()
  const topicId = await b.createTopic('t')
  const ids = [topicId, 'AAAAAAAAAAAAAAAAAAAAZQ', topicId]
  const request = { topics: ids.map((id) => ({ name: null, topicId: id })) }
  const expected = [`null ${UNKNOWN_TOPIC_ID.code} 0`, 't 0 1']
  assert.deepEqual(await topicsOf(b, request), expected, 'each once')
  await b.stop()
})

const mixtures: readonly (readonly [string, number, string | null, boolean])[] = [
  ['an id', 10, 't', true],
  ['an id', 11, 't', true],
  ['no name', 11, null, false],
  ['neither name nor id', 13, null, false],
]
for (const [what, version, name, hasId] of mixtures) {
  test(`${what} in v${version} is INVALID_REQUEST`, async () => {
    const b = await TestBroker.start()
    const topicId = await b.createTopic('t')
    const topics = [{ name, topicId: hasId ? topicId : ZERO_UUID }]
    const answer = await b.ask(metadata, { topics }, version)
    const codes = [answer.errorCode, ...answer.topics.map(({ errorCode }) => errorCode)]
    assert.ok(codes.includes(errors.INVALID_REQUEST.code), `${codes}`)
    assert.deepEqual(answer.brokers, [])
    await b.stop()
  })
}

test('the broker is where the client found it, unless its listener advertises another address', async () => {
  const b = await TestBroker.start()
  const [found] = (await b.ask(metadata, { topics: [] })).brokers
  assert.deepEqual([found?.nodeId, found?.host, found?.port], [1, 'b', 9092])
  await b.stop()
  await b.start({ 'advertised.listeners': 'PLAINTEXT://kafka.example:443' })
  const [told] = (await b.ask(metadata, { topics: [] })).brokers
  assert.deepEqual([told?.host, told?.port], ['kafka.example', 443])
  await b.stop()
})
