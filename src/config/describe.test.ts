import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Described, describe, type Resource, sources, topicEntries } from './describe.ts'
import { brokerConfigs, NO_OVERRIDES, type Overrides } from './dynamic.ts'
import { serverConfig } from './server-config.ts'

const settings = (texts: Overrides) =>
  Object.entries(texts).map(([key, value]) => ({ key, value, from: 'test' }))
const broker = (file: Overrides = {}, cluster: Overrides = {}, own: Overrides = {}) =>
  brokerConfigs(serverConfig(settings(file)), cluster, own)
const all = { keys: null, synonyms: true, documentation: false }
const one = (configs: ReturnType<typeof broker>, resource: Resource, key: string) => {
  const [described, ...rest] = describe(configs, resource, { ...all, keys: [key] })
  assert.equal(rest.length, 0)
  return described
}

/** As kafka-configs prints it. */
const print = ({ name, value, isSensitive, synonyms }: Described) =>
  `${name}=${value} sensitive=${isSensitive} synonyms={${synonyms
    .map((each) => `${sourceNames[each.source]}:${each.name}=${each.value}`)
    .join(', ')}}`
const sourceNames: Readonly<Record<number, string>> = {
  [sources.topic]: 'DYNAMIC_TOPIC_CONFIG',
  [sources.broker]: 'DYNAMIC_BROKER_CONFIG',
  [sources.clusterDefault]: 'DYNAMIC_DEFAULT_BROKER_CONFIG',
  [sources.static]: 'STATIC_BROKER_CONFIG',
  [sources.default]: 'DEFAULT_CONFIG',
  [sources.group]: 'DYNAMIC_GROUP_CONFIG',
}

const topic = (overrides: Overrides = NO_OVERRIDES): Resource => ({ type: 'topic', overrides })
const ownBroker: Resource = { type: 'broker' }

// Asked of a real broker: settings, the key, the line it answers.
const rows: readonly [Overrides, Overrides, Resource, string, string][] = [
  [
    {},
    { 'log.retention.ms': '5' },
    topic(),
    'retention.ms',
    'retention.ms=5 sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:log.retention.ms=5, ' +
      'DEFAULT_CONFIG:log.retention.hours=168}',
  ],
  [{}, {}, topic(), 'segment.ms', 'segment.ms=604800000 sensitive=false synonyms={}'],
  [
    { 'log.roll.hours': '1' },
    {},
    topic(),
    'segment.ms',
    'segment.ms=3600000 sensitive=false synonyms={}',
  ],
  [
    {},
    { 'log.cleanup.policy': ' compact , delete, delete' },
    ownBroker,
    'log.cleanup.policy',
    'log.cleanup.policy=compact,delete sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:' +
      'log.cleanup.policy= compact , delete, delete, DEFAULT_CONFIG:log.cleanup.policy=delete}',
  ],
  [
    {},
    { 'listener.name.plaintext.max.connections': '10' },
    ownBroker,
    'listener.name.plaintext.max.connections',
    'listener.name.plaintext.max.connections=10 sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:' +
      'listener.name.plaintext.max.connections=10, DEFAULT_CONFIG:max.connections=2147483647}',
  ],
  [
    {},
    { 'no.such': '4' },
    ownBroker,
    'no.such',
    'no.such=null sensitive=true synonyms={DYNAMIC_BROKER_CONFIG:no.such=null}',
  ],
  [
    {},
    {},
    topic({ 'retention.ms': ' 007 ' }),
    'retention.ms',
    'retention.ms=7 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=7}',
  ],
  [
    {},
    {},
    { type: 'group', overrides: { 'consumer.session.timeout.ms': '50000' } },
    'consumer.session.timeout.ms',
    'consumer.session.timeout.ms=50000 sensitive=false synonyms={DYNAMIC_GROUP_CONFIG:' +
      'consumer.session.timeout.ms=50000, DEFAULT_CONFIG:group.consumer.session.timeout.ms=45000}',
  ],
]
for (const [file, own, resource, key, line] of rows)
  test(`${resource.type} ${line}`, () => {
    const described = one(broker(file, {}, own), resource, key)
    assert.equal(described && print(described), line)
  })

test('the default of all brokers lists only what it sets', () => {
  const configs = broker({}, { 'log.retention.bytes': '77', 'no.such': '5' })
  assert.deepEqual(describe(configs, { type: 'cluster-default' }, all).map(print), [
    'log.retention.bytes=77 sensitive=false synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:' +
      'log.retention.bytes=77}',
    'no.such=null sensitive=true synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:no.such=null}',
  ])
})

test('only what a running broker takes is not read-only', () => {
  const own = {
    'listener.name.a.ssl.keystore.location': 'x',
    'leader.replication.throttled.rate': '5',
  }
  const configs = broker({}, {}, own)
  const readOnly = (key: string) => one(configs, ownBroker, key)?.readOnly
  assert.equal(readOnly('log.retention.ms'), false)
  assert.equal(readOnly('log.retention.hours'), true)
  assert.equal(readOnly('leader.replication.throttled.rate'), false)
  assert.equal(readOnly('listener.name.a.ssl.keystore.location'), true)
})

test('a secret is null wherever it shows', () => {
  const configs = broker({ 'delegation.token.secret.key': 's3cret' })
  assert.doesNotMatch(JSON.stringify(describe(configs, ownBroker, all)), /s3cret/)
  assert.doesNotMatch(JSON.stringify(configs.current), /s3cret/)
})

test('synonyms and documentation come only when asked for', () => {
  const question = { keys: ['retention.ms'], synonyms: false, documentation: true }
  const [described] = describe(broker({ 'log.retention.ms': '5' }), topic(), question)
  assert.deepEqual(described?.synonyms, [])
  assert.equal(described?.configSource, sources.static)
  assert.match(described?.documentation ?? '', /deleted/)
})

test('a created topic shows hours from the file as static', () => {
  const entries = topicEntries(broker({ 'log.roll.hours': '1' }), { 'retention.ms': '-1' })
  const find = (name: string) => entries.find((entry) => entry.name === name)
  assert.equal(find('segment.ms')?.value, '3600000')
  assert.equal(find('segment.ms')?.configSource, sources.static)
  assert.equal(find('retention.ms')?.configSource, sources.topic)
  assert.equal(find('segment.bytes')?.configSource, sources.default)
  assert.equal(find('internal.segment.bytes'), undefined)
})

const reference = new URL('../../../shared/reference/kafka/', import.meta.url)
const absent = existsSync(reference) ? false : `no reference data at ${reference.pathname}`

test('a described topic and group equal the answer of a real broker', { skip: absent }, () => {
  const text = readFileSync(new URL('wire/32-DescribeConfigs.json', reference), 'utf8')
  // The reference data is ours to trust: its shape is described beside it.
  const frames = JSON.parse(text) as { version: number; response: { results: Result[] } }[]
  interface Result {
    readonly resourceType: number
    readonly configs: readonly Described[]
  }
  const configs = broker({}, { 'min.insync.replicas': '1' })
  for (const { resourceType, configs: theirs } of frames.at(-1)?.response.results ?? []) {
    const own = theirs.filter(({ configSource }) => [1, 8].includes(configSource))
    const overrides = Object.fromEntries(own.map(({ name, value }) => [name, value ?? '']))
    const resource: Resource = { type: resourceType === 2 ? 'topic' : 'group', overrides }
    const sorted = [...theirs].sort((a, b) => (a.name < b.name ? -1 : 1))
    assert.deepEqual(describe(configs, resource, all), sorted)
  }
})

test('a described broker equals what the tool prints of a real one', { skip: absent }, () => {
  const golden = new URL('cli/golden/042-configs-broker-describe-all.txt', reference)
  const lines = readFileSync(golden, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('  '))
  const file: Record<string, string> = {}
  for (const line of lines)
    for (const synonym of (/synonyms=\{(.*)\}$/.exec(line)?.[1] ?? '').split(
      /, (?=[A-Z_]+_CONFIG:)/,
    )) {
      const [, name, value] = /^STATIC_BROKER_CONFIG:([^=]+)=(.*)$/.exec(synonym) ?? []
      if (name !== undefined && value !== undefined) file[name] = value
    }
  const ours = describe(broker(file, { 'min.insync.replicas': '1' }), ownBroker, all)
    .filter(({ name }) => !name.startsWith('moldau.'))
    .map((described) => `  ${print(described)}`)
  assert.deepEqual(ours, lines)
})
