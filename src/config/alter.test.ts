import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorName } from '../protocol/errors.ts'
import { KafkaError } from '../protocol/errors.ts'
import { type Alteration, applyAlterations, replaceOverrides, type Target } from './alter.ts'
import { brokerConfigs, type Overrides } from './dynamic.ts'
import { serverConfig } from './server-config.ts'

const configs = brokerConfigs(serverConfig())
const target = (type: Target['type'], name: string, overrides: Overrides = {}): Target => ({
  type,
  name,
  overrides,
})

/** `set key value`, as in `set retention.ms 5`; several are separated by ` ; `. */
const parse = (text: string): Alteration[] =>
  text.split(' ; ').map((each) => {
    const [, operation, name = '', value] = /^(\w+) (\S+)(?: (.*))?$/.exec(each) ?? []
    // The rows below name operations only.
    return { operation: operation as Alteration['operation'], name, value: value ?? null }
  })

const accepted: readonly [Target, string, Overrides][] = [
  [target('topic', 't'), 'set retention.ms 5', { 'retention.ms': '5' }],
  [target('topic', 't'), 'append cleanup.policy compact', { 'cleanup.policy': 'delete,compact' }],
  [
    target('topic', 't', { 'cleanup.policy': 'compact' }),
    'append cleanup.policy compact',
    { 'cleanup.policy': 'compact' },
  ],
  [
    target('topic', 't', { 'cleanup.policy': 'compact' }),
    'subtract cleanup.policy compact',
    { 'cleanup.policy': '' },
  ],
  [target('topic', 't', { 'retention.ms': '5' }), 'delete retention.ms ; delete no.such', {}],
  [target('broker', '1'), 'set no.such 1', { 'no.such': '1' }],
  [target('broker', ''), 'set message.max.bytes 5', { 'message.max.bytes': '5' }],
  [
    target('broker', '1'),
    'set listener.name.foo.ssl.keystore.location x',
    { 'listener.name.foo.ssl.keystore.location': 'x' },
  ],
  [
    target('broker', '1'),
    'set leader.replication.throttled.rate 5',
    {
      'leader.replication.throttled.rate': '5',
    },
  ],
  [target('client-metrics', 'm'), 'set match client_id=app', { match: 'client_id=app' }],
]
for (const [resource, text, result] of accepted)
  test(`${resource.type} ${resource.name} accepts: ${text}`, () => {
    assert.deepEqual(applyAlterations(configs, resource, parse(text)), result)
  })

// Each row was asked of Kafka 4.3.1, which answers exactly this.
const lag = 'set min.compaction.lag.ms 10 ; set max.compaction.lag.ms 5'
const refused: readonly [Target, string, ErrorName, string][] = [
  [target('topic', 't'), 'set no.such 1', 'INVALID_CONFIG', 'Unknown topic config name: no.such'],
  [
    target('topic', 't'),
    'set segment.bytes 1',
    'INVALID_CONFIG',
    'Invalid value 1 for configuration segment.bytes: Value must be at least 1048576',
  ],
  [
    target('topic', 't'),
    'set retention.ms x',
    'INVALID_CONFIG',
    'Invalid value x for configuration retention.ms: Not a number of type LONG',
  ],
  [
    target('topic', 't'),
    'append segment.bytes 1',
    'INVALID_CONFIG',
    "Can't APPEND to key segment.bytes because its type is not LIST.",
  ],
  [
    target('topic', 't'),
    'append no.such x',
    'INVALID_CONFIG',
    "Can't APPEND to key no.such because its type is not LIST.",
  ],
  [
    target('topic', 't'),
    lag,
    'INVALID_CONFIG',
    'conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)',
  ],
  [
    target('topic', 't'),
    'set min.compaction.lag.ms 9223372036854775807 ; set max.compaction.lag.ms 5',
    'INVALID_CONFIG',
    'conflict topic config setting min.compaction.lag.ms (9223372036854775807) > ' +
      'max.compaction.lag.ms (5)',
  ],
  [
    target('topic', 't'),
    'set remote.storage.enable true',
    'INVALID_CONFIG',
    'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with ' +
      'remote log storage.',
  ],
  [
    target('topic', 't'),
    'set retention.ms 1 ; set retention.ms 2',
    'INVALID_REQUEST',
    'Error due to duplicate config keys',
  ],
  [
    target('topic', 't'),
    'set retention.ms',
    'INVALID_REQUEST',
    'Null value not supported for : retention.ms',
  ],
  [
    target('topic', ''),
    'set retention.ms 1',
    'INVALID_REQUEST',
    'Default topic resources are not allowed.',
  ],
  [
    target('topic', 't'),
    'set cleanup.policy delete,',
    'INVALID_CONFIG',
    "Configuration 'cleanup.policy' values must not be empty.",
  ],
  [
    target('broker', '1'),
    'set log.dirs x',
    'INVALID_REQUEST',
    'Cannot update these configs dynamically: [log.dirs]',
  ],
  [target('broker', '1'), 'append no.such 1', 'INVALID_CONFIG', 'Unknown config name: no.such'],
  [
    target('broker', '1'),
    'append message.max.bytes 1',
    'INVALID_CONFIG',
    'Config value append is not allowed for config key: message.max.bytes',
  ],
  [
    target('broker', '1'),
    'set log.roll.ms 0',
    'INVALID_REQUEST',
    'requirement failed: log.roll.ms must be greater than or equal to 1',
  ],
  [
    target('broker', '1'),
    'set log.roll.ms x',
    'INVALID_REQUEST',
    'Invalid value x for configuration log.roll.ms: Not a number of type LONG',
  ],
  [
    target('broker', '1'),
    'set leader.replication.throttled.rate -5',
    'INVALID_REQUEST',
    'Invalid value -5 for configuration leader.replication.throttled.rate: ' +
      'Value must be at least 0',
  ],
  [
    target('broker', ''),
    'set listeners PLAINTEXT://:1',
    'INVALID_REQUEST',
    'Cannot update these configs at default cluster level, broker id must be specified: ' +
      '[listeners]',
  ],
  [
    target('broker', '1'),
    'set ssl.keystore.location x',
    'INVALID_REQUEST',
    'These security configs can be dynamically updated only per-listener using the listener ' +
      'prefix: [ssl.keystore.location]',
  ],
  [target('group', 'g'), 'set no.such 1', 'INVALID_CONFIG', 'Unknown group config name: no.such'],
  [
    target('group', 'g'),
    'set consumer.session.timeout.ms 1',
    'INVALID_CONFIG',
    'consumer.session.timeout.ms must be greater than or equal to ' +
      'group.consumer.min.session.timeout.ms',
  ],
  [
    target('group', 'g'),
    'set share.delivery.count.limit 100',
    'INVALID_CONFIG',
    'share.delivery.count.limit must be less than or equal to ' +
      'group.share.max.delivery.count.limit',
  ],
  [
    target('group', 'g'),
    'set streams.num.standby.replicas 5',
    'INVALID_CONFIG',
    'streams.num.standby.replicas must be less than or equal to ' +
      'group.streams.max.standby.replicas',
  ],
  [
    target('group', ''),
    'set share.auto.offset.reset latest',
    'INVALID_REQUEST',
    'Default group resources are not allowed.',
  ],
  [
    target('client-metrics', 'm'),
    'set interval.ms 5',
    'INVALID_REQUEST',
    'Invalid value 5 for interval.ms, interval must be between 100 and 3600000 (1 hour)',
  ],
  [
    target('client-metrics', 'm'),
    'set no.such 5',
    'INVALID_REQUEST',
    'Unknown client metrics configuration: no.such',
  ],
  [
    target('client-metrics', 'm'),
    'set match client_id=(',
    'INVALID_CONFIG',
    'Illegal client matching pattern: client_id=(',
  ],
  [
    target('client-metrics', 'm', { match: 'client_id=app' }),
    'append match client_software_name=x',
    'INVALID_CONFIG',
    "Can't APPEND to key match because its type is not LIST.",
  ],
]
for (const [resource, text, error, message] of refused)
  test(`${resource.type} '${resource.name}' refuses: ${text}`, () => {
    assert.throws(
      () => applyAlterations(configs, resource, parse(text)),
      (thrown) => {
        assert.ok(thrown instanceof KafkaError)
        assert.deepEqual([thrown.error, thrown.message], [error, message])
        return true
      },
    )
  })

test('a replaced configuration keeps nothing of the one before', () => {
  const before = target('topic', 't', { 'retention.ms': '5' })
  const entries = [{ name: 'segment.bytes', value: '2000000' }]
  assert.deepEqual(replaceOverrides(configs, before, entries), { 'segment.bytes': '2000000' })
})
