import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Alteration } from '../config/alter.ts'
import type { MetadataStore } from '../metadata/metadata-store.ts'
import type { ErrorName } from '../protocol/errors.ts'
import { type ConfigRequest, decideAlterConfigs } from './alter-configs.ts'
import { clusterOf, configsOf, create, rulesOf, wanted } from './controller-fixtures-for-test.ts'
import { decideDeleteTopics } from './delete-topics.ts'

const rules = { nodeId: 1, configs: configsOf() }
type Kind = ConfigRequest['resource']['kind']

const alter = (
  kind: Kind,
  name: string,
  ...changes: (readonly [string, Alteration['operation'], string | null])[]
): ConfigRequest => ({
  resource: { kind, name },
  change: {
    type: 'alter',
    alterations: changes.map(([key, operation, value]) => ({ name: key, operation, value })),
  },
})
const replace = (kind: Kind, name: string, settings: Record<string, string>): ConfigRequest => ({
  resource: { kind, name },
  change: {
    type: 'replace',
    entries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
  },
})

function apply(store: MetadataStore, ...resources: ConfigRequest[]) {
  return store.commit((image) =>
    decideAlterConfigs(image, { resources, validateOnly: false }, rules),
  )
}

async function clusterWithTopic() {
  const { store } = await clusterOf(1)
  await create(store, rulesOf(), wanted('a.b'))
  return store
}

/** Requests to broker 1 with topic `a.b`, and what Apache Kafka 4.3.1 answers them. */
const refusals: readonly (readonly [ConfigRequest, ErrorName, string])[] = [
  [
    alter('topic', 'zz', ['retention.ms', 'set', '5']),
    'UNKNOWN_TOPIC_OR_PARTITION',
    "The topic 'zz' does not exist.",
  ],
  [
    alter('topic', 'zz', ['retention.ms', 'set', 'x']),
    'INVALID_CONFIG',
    'Invalid value x for configuration retention.ms: Not a number of type LONG',
  ],
  [
    alter('topic', 'a b', ['retention.ms', 'set', '5']),
    'INVALID_TOPIC_EXCEPTION',
    "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, " +
      "'.', '_' and '-'",
  ],
  [
    alter('topic', '', ['retention.ms', 'set', '5']),
    'INVALID_REQUEST',
    'Default topic resources are not allowed.',
  ],
  [
    alter('topic', 'a.b', ['retention.ms', 'set', '5'], ['retention.ms', 'set', '6']),
    'INVALID_REQUEST',
    'Error due to duplicate config keys',
  ],
  [
    alter('topic', 'a.b', ['retention.ms', 'set', null]),
    'INVALID_REQUEST',
    'Null value not supported for : retention.ms',
  ],
  [
    alter('topic', 'a.b', ['retention.ms', 'append', '1']),
    'INVALID_CONFIG',
    "Can't APPEND to key retention.ms because its type is not LIST.",
  ],
  [
    alter('broker', '9', ['log.cleaner.threads', 'set', '1']),
    'INVALID_REQUEST',
    'Unexpected broker id, expected 1, but received 9',
  ],
  [
    alter('broker', '-1', ['log.cleaner.threads', 'set', '1']),
    'INVALID_REQUEST',
    'Unexpected broker id, expected 1, but received -1',
  ],
  [
    alter('broker', 'x', ['log.cleaner.threads', 'set', '1']),
    'INVALID_REQUEST',
    'Node id must be an integer, but it is: x',
  ],
  [
    alter('broker', '1', ['log.dirs', 'set', 'elsewhere']),
    'INVALID_REQUEST',
    'Cannot update these configs dynamically: [log.dirs]',
  ],
  [
    replace('topic', 'zz', { 'retention.ms': '5' }),
    'UNKNOWN_TOPIC_OR_PARTITION',
    "The topic 'zz' does not exist.",
  ],
]
for (const [request, error, message] of refusals) {
  test(`settings of ${request.resource.kind} '${request.resource.name}': ${message}`, async () => {
    const store = await clusterWithTopic()
    const before = store.image
    assert.deepEqual(await apply(store, request), [{ error, message }])
    assert.equal(store.image, before)
    await store.close()
  })
}

test('settings are set, appended to, taken from and deleted', async () => {
  const store = await clusterWithTopic()
  const now = () => store.image.topicConfigs.get('a.b')
  await apply(
    store,
    alter('topic', 'a.b', ['retention.ms', 'set', '5'], ['cleanup.policy', 'append', 'compact']),
  )
  assert.deepEqual(now(), { 'retention.ms': '5', 'cleanup.policy': 'delete,compact' })
  await apply(
    store,
    alter(
      'topic',
      'a.b',
      ['retention.ms', 'delete', null],
      ['cleanup.policy', 'subtract', 'delete'],
    ),
  )
  assert.deepEqual(now(), { 'cleanup.policy': 'compact' })
  await apply(store, alter('topic', 'a.b', ['cleanup.policy', 'delete', null]))
  assert.equal(now(), undefined)
  assert.equal(store.image.topicConfigs.size, 0)
  await store.close()
})

test('replacing drops what is not named', async () => {
  const store = await clusterWithTopic()
  await apply(store, alter('topic', 'a.b', ['retention.ms', 'set', '5']))
  await apply(store, replace('topic', 'a.b', { 'segment.ms': '7' }))
  assert.deepEqual(store.image.topicConfigs.get('a.b'), { 'segment.ms': '7' })
  await apply(store, replace('topic', 'a.b', {}))
  assert.equal(store.image.topicConfigs.size, 0)
  await store.close()
})

test('one bad resource does not keep the others from changing', async () => {
  const store = await clusterWithTopic()
  const results = await apply(
    store,
    alter('topic', 'zz', ['retention.ms', 'set', '5']),
    alter('broker', '', ['message.max.bytes', 'set', '2000000']),
    alter('broker', '1', ['log.cleaner.threads', 'set', '2']),
    alter('group', 'g', ['consumer.session.timeout.ms', 'set', '50000']),
  )
  assert.deepEqual(
    results.map(({ error }) => error),
    ['UNKNOWN_TOPIC_OR_PARTITION', 'NONE', 'NONE', 'NONE'],
  )
  const { brokerConfigs, groupConfigs } = store.image
  assert.deepEqual(brokerConfigs.get(''), { 'message.max.bytes': '2000000' })
  assert.deepEqual(brokerConfigs.get('1'), { 'log.cleaner.threads': '2' })
  assert.deepEqual(groupConfigs.get('g'), { 'consumer.session.timeout.ms': '50000' })
  await store.close()
})

test('a resource that occurs twice stays, however its name is written', async () => {
  const store = await clusterWithTopic()
  const twice = { error: 'INVALID_REQUEST', message: 'Each resource must appear at most once.' }
  const topic = alter('topic', 'a.b', ['retention.ms', 'set', '5'])
  assert.deepEqual(await apply(store, topic, topic), [twice, twice])
  const threads = (name: string) => alter('broker', name, ['log.cleaner.threads', 'set', '2'])
  assert.deepEqual(await apply(store, threads('1'), threads('+01')), [twice, twice])
  assert.equal((await apply(store, threads('01')))[0]?.error, 'NONE')
  assert.deepEqual([...store.image.brokerConfigs.keys()], ['1'])
  await store.close()
})

test('what stays the same is not written, except a broker, which shall load it again', async () => {
  const store = await clusterWithTopic()
  const topic = alter('topic', 'a.b', ['retention.ms', 'set', '5'])
  const broker = alter('broker', '1', ['log.cleaner.threads', 'set', '2'])
  await apply(store, topic, broker)
  const { revision } = store.image
  await apply(store, topic)
  assert.equal(store.image.revision, revision)
  await apply(store, broker)
  assert.equal(store.image.revision, revision + 1)
  await store.close()
})

test('only validated, nothing changes', async () => {
  const store = await clusterWithTopic()
  const resources = [alter('topic', 'a.b', ['retention.ms', 'set', '5'])]
  const { result, ...writes } = decideAlterConfigs(
    store.image,
    { resources, validateOnly: true },
    rules,
  )
  assert.deepEqual(result, [{ error: 'NONE', message: null }])
  assert.deepEqual(writes, {})
  await store.close()
})

test('settings do not outlive a topic that was deleted meanwhile, nor go to its namesake', async () => {
  const store = await clusterWithTopic()
  const resources = [alter('topic', 'a.b', ['retention.ms', 'set', '5'])]
  const request = { resources, validateOnly: false }
  const { result, ...late } = decideAlterConfigs(store.image, request, rules)
  const topics = [{ name: 'a.b', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }]
  await store.commit((image) => decideDeleteTopics(image, topics, true))
  assert.equal((await store.coordination.commit(late)).committed, false)
  await create(store, rulesOf(), wanted('a.b'))
  assert.equal((await store.coordination.commit(late)).committed, false)
  await store.close()
})

test('of two that change one resource at once, the later sees what the earlier did', async () => {
  const { coordination, environment, store } = await clusterOf(1)
  const { MetadataStore } = await import('../metadata/metadata-store.ts')
  const { silentLogger } = await import('../kernel/logger.ts')
  const other = await MetadataStore.open(coordination, environment, silentLogger)
  await Promise.all([
    apply(store, alter('broker', '', ['message.max.bytes', 'set', '2000000'])),
    apply(other, alter('broker', '', ['log.cleaner.threads', 'set', '2'])),
  ])
  const { entries } = await coordination.read('/configs/brokers/')
  assert.deepEqual(JSON.parse(entries[0]?.value ?? ''), {
    'message.max.bytes': '2000000',
    'log.cleaner.threads': '2',
  })
  await store.close()
  await other.close()
})
