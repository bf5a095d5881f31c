import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeConfigs } from '../protocol/api/32-describe-configs.ts'
import { alterConfigs } from '../protocol/api/33-alter-configs.ts'
import { incrementalAlterConfigs } from '../protocol/api/44-incremental-alter-configs.ts'
import { listConfigResources } from '../protocol/api/74-list-config-resources.ts'
import { errors } from '../protocol/errors.ts'
import { TestBroker } from './broker-fixtures-for-test.ts'

const TOPIC = 2
const BROKER = 4
const LOGGER = 8
const CLIENT_METRICS = 16
const GROUP = 32

/** Where values come from, by their number in the answer. */
const OF_TOPIC = 1
const OF_THIS_BROKER = 2
const OF_ALL_BROKERS = 3
const BY_DEFAULT = 5

const SET = 0

async function describe(b: TestBroker, type: number, name: string, key: string) {
  const resources = [{ resourceType: type, resourceName: name, configurationKeys: [key] }]
  const { results } = await b.ask(describeConfigs, { resources })
  const [config] = results[0]?.configs ?? []
  return { errorCode: results[0]?.errorCode, value: config?.value, source: config?.configSource }
}

/** @returns the error code. */
async function set(b: TestBroker, type: number, name: string, key: string, value: string) {
  const configs = [{ name: key, configOperation: SET, value }]
  const resources = [{ resourceType: type, resourceName: name, configs }]
  const { responses } = await b.ask(incrementalAlterConfigs, { resources, validateOnly: false })
  return responses[0]?.errorCode
}

const questions: readonly (readonly [string, number, string, keyof typeof errors])[] = [
  ['a topic', TOPIC, 't', 'NONE'],
  ['a topic that is not there', TOPIC, 'nil', 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['a name that no topic can have', TOPIC, 'a b', 'INVALID_TOPIC_EXCEPTION'],
  ['no topic', TOPIC, '', 'INVALID_TOPIC_EXCEPTION'],
  ['this broker', BROKER, '1', 'NONE'],
  ['all brokers', BROKER, '', 'NONE'],
  ['another broker', BROKER, '2', 'INVALID_REQUEST'],
  ['no number of a broker', BROKER, 'x', 'INVALID_REQUEST'],
  ['this broker’s loggers', LOGGER, '1', 'NONE'],
  ['all loggers', LOGGER, '', 'INVALID_REQUEST'],
  ['client metrics', CLIENT_METRICS, 'm', 'NONE'],
  ['no client metrics', CLIENT_METRICS, '', 'INVALID_REQUEST'],
  ['a group', GROUP, 'g', 'NONE'],
  ['no group', GROUP, '', 'INVALID_REQUEST'],
  ['an unknown kind', 3, 'x', 'INVALID_REQUEST'],
]
test('each kind of resource is described, or refused as Kafka does', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  for (const [what, type, name, error] of questions) {
    const { errorCode } = await describe(b, type, name, 'retention.ms')
    assert.equal(errorCode, errors[error].code, what)
  }
  await b.stop()
})

const changes: readonly (readonly [string, number, string, keyof typeof errors])[] = [
  ['a topic', TOPIC, 't', 'NONE'],
  ['a topic that is not there', TOPIC, 'nil', 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['no topic', TOPIC, '', 'INVALID_REQUEST'],
  ['another broker', BROKER, '2', 'INVALID_REQUEST'],
  ['loggers', LOGGER, '1', 'INVALID_REQUEST'],
  ['no group', GROUP, '', 'INVALID_REQUEST'],
  ['an unknown kind', 3, 'x', 'INVALID_REQUEST'],
]
test('each kind of resource is changed, or refused by itself', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  const configs = [{ name: 'retention.ms', value: '5000' }]
  const resources = changes.map(([, resourceType, resourceName]) => {
    return { resourceType, resourceName, configs }
  })
  const { responses } = await b.ask(alterConfigs, { resources, validateOnly: false })
  assert.deepEqual(
    responses.map(({ errorCode }) => errorCode),
    changes.map(([, , , error]) => errors[error].code),
  )
  assert.equal((await describe(b, TOPIC, 't', 'retention.ms')).value, '5000')
  await b.stop()
})

test('settings made while running are in force at once and after a restart, nearest first', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  const now = () => describe(b, TOPIC, 't', 'max.message.bytes')
  const usual = await now()
  assert.equal(usual.source, BY_DEFAULT)
  assert.equal(await set(b, BROKER, '', 'message.max.bytes', '3000'), 0)
  assert.deepEqual(await now(), { errorCode: 0, value: '3000', source: OF_ALL_BROKERS })
  assert.equal(await set(b, BROKER, '1', 'message.max.bytes', '2000'), 0)
  assert.deepEqual(await now(), { errorCode: 0, value: '2000', source: OF_THIS_BROKER })
  assert.equal(await set(b, TOPIC, 't', 'max.message.bytes', '1000'), 0)
  assert.deepEqual(await now(), { errorCode: 0, value: '1000', source: OF_TOPIC })
  const tooLarge = await b.produce('t', ['x'.repeat(1_500)])
  assert.equal(tooLarge.errorCode, errors.MESSAGE_TOO_LARGE.code)
  await b.stop()
  await b.start()
  assert.deepEqual(await now(), { errorCode: 0, value: '1000', source: OF_TOPIC })
  const kept = await describe(b, BROKER, '1', 'message.max.bytes')
  assert.deepEqual(kept, { errorCode: 0, value: '2000', source: OF_THIS_BROKER })
  await b.stop()
})

test('what is only validated changes nothing', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  const configs = [{ name: 'retention.ms', configOperation: SET, value: '5000' }]
  const resources = [{ resourceType: TOPIC, resourceName: 't', configs }]
  await b.ask(incrementalAlterConfigs, { resources, validateOnly: true })
  assert.equal((await describe(b, TOPIC, 't', 'retention.ms')).source, BY_DEFAULT)
  await b.stop()
})

test('a limit on connections that changes holds for the next one', async () => {
  const b = await TestBroker.start()
  await set(b, BROKER, '', 'max.connections', '1')
  const second = await b.connect()
  await b.advance(100)
  assert.ok(!second.isOpen)
  await b.stop()
})

test('resources are listed by kinds: groups and client metrics that have settings, all topics and brokers', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  await set(b, GROUP, 'g', 'consumer.session.timeout.ms', '50000')
  await set(b, CLIENT_METRICS, 'm', 'interval.ms', '5000')
  const list = async (...resourceTypes: number[]) => {
    const { configResources } = await b.ask(listConfigResources, { resourceTypes })
    return configResources.map(({ resourceType, resourceName }) => [resourceType, resourceName])
  }
  const all = [
    [GROUP, 'g'],
    [CLIENT_METRICS, 'm'],
    [LOGGER, '1'],
    [BROKER, '1'],
    [TOPIC, 't'],
  ]
  assert.deepEqual(await list(), all)
  assert.deepEqual(await list(TOPIC, GROUP, GROUP), [all[0], all[4]])
  const { configResources } = await b.ask(listConfigResources, {}, 0)
  assert.deepEqual(
    configResources.map(({ resourceName }) => resourceName),
    ['m'],
  )
  const { errorCode } = await b.ask(listConfigResources, { resourceTypes: [GROUP, 99] })
  assert.equal(errorCode, errors.UNSUPPORTED_VERSION.code)
  await b.stop()
})
