import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { brokerConfig } from './broker.ts'
import type { ConfigError } from './config-error.ts'
import { groupConfig } from './group.ts'
import { topicConfig } from './topic.ts'
import { Password } from './value-text.ts'

const key = (name: string) => {
  const found = topicConfig.find(name) ?? brokerConfig.find(name) ?? groupConfig.find(name)
  assert.ok(found, name)
  return found
}

// Asked of Kafka 4.3.1: what is written, and how it is shown.
const valid: readonly [name: string, written: string, shown: string][] = [
  ['segment.bytes', ' 0002000000 ', '2000000'],
  ['segment.bytes', '+2000000', '2000000'],
  ['retention.ms', '9223372036854775807', '9223372036854775807'],
  ['preallocate', 'TRUE', 'true'],
  ['min.cleanable.dirty.ratio', '1', '1.0'],
  ['min.cleanable.dirty.ratio', '1e-7', '1.0E-7'],
  ['min.cleanable.dirty.ratio', '.25d', '0.25'],
  ['min.cleanable.dirty.ratio', 'NaN', 'NaN'],
  ['log.cleaner.io.max.bytes.per.second', '1000000', '1000000.0'],
  ['log.cleaner.io.max.bytes.per.second', '100000000', '1.0E8'],
  ['log.cleaner.io.max.bytes.per.second', '0.001', '0.001'],
  ['log.cleaner.io.max.bytes.per.second', '0.0001', '1.0E-4'],
  ['cleanup.policy', '', ''],
  ['cleanup.policy', 'delete , compact', 'delete,compact'],
  ['cleanup.policy', 'delete,delete', 'delete'],
  ['leader.replication.throttled.replicas', '*', '*'],
  ['leader.replication.throttled.replicas', '0:1,1:2', '0:1,1:2'],
  ['group.consumer.migration.policy', 'Upgrade', 'Upgrade'],
  ['share.auto.offset.reset', 'by_duration:PT1H', 'by_duration:PT1H'],
  ['controller.quorum.voters', '', ''],
]
for (const [name, written, shown] of valid)
  test(`${name} accepts ${JSON.stringify(written)} and shows ${shown}`, () => {
    key(name).read(name, written)
    assert.equal(key(name).canonical(written), shown)
  })

// Asked of Kafka 4.3.1: what is written, and the sentence behind "Invalid value … for …: ".
const invalid: readonly [name: string, written: string, problem: string][] = [
  ['cleanup.policy', 'Compact', 'String must be one of: compact, delete'],
  ['compression.gzip.level', '0', 'Value must be between 1 and 9 or equal to -1'],
  ['compression.lz4.level', '0', 'Value must be at least 1'],
  ['compression.zstd.level', '23', 'Value must be no more than 22'],
  ['min.cleanable.dirty.ratio', 'x', 'Not a number of type DOUBLE'],
  ['segment.bytes', '1.5', 'Not a number of type INT'],
  ['segment.bytes', '99999999999', 'Not a number of type INT'],
  ['segment.bytes', '', 'Not a number of type INT'],
  ['retention.ms', '9223372036854775808', 'Not a number of type LONG'],
  ['retention.ms', '-2', 'Value must be at least -1'],
  ['preallocate', 'yes', 'Expected value to be either true or false'],
  ['offsets.topic.replication.factor', '40000', 'Not a number of type SHORT'],
  ['remote.log.metadata.manager.class.name', '', 'String must be non-empty'],
  ['ssl.client.auth', 'REQUIRED', 'String must be one of: required, requested, none'],
  [
    'group.consumer.migration.policy',
    'x',
    'String must be one of (case insensitive): DISABLED, DOWNGRADE, UPGRADE, BIDIRECTIONAL',
  ],
  [
    'share.auto.offset.reset',
    'by_duration:-PT1H',
    'Invalid value `by_duration:-PT1H` for configuration share.auto.offset.reset. The value ' +
      "must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.",
  ],
]
for (const [name, written, problem] of invalid)
  test(`${name} refuses ${JSON.stringify(written)}: ${problem}`, () => {
    const message = `Invalid value ${written} for configuration ${name}: ${problem}`
    assert.throws(() => key(name).read(name, written), { name: 'ConfigError', message })
  })

test('a refused double is shown as Kafka shows doubles', () => {
  assert.throws(() => key('min.cleanable.dirty.ratio').read('min.cleanable.dirty.ratio', '2'), {
    message:
      'Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1',
  })
})

test('an error carries key, value and what is allowed', () => {
  assert.throws(
    () => brokerConfig.parse({ 'num.partitions': '0' }),
    (error: ConfigError) => {
      const { key, value, allowed } = error
      assert.deepEqual(
        [key, value, allowed],
        ['num.partitions', '0', 'a whole number from 1 to 2147483647'],
      )
      return true
    },
  )
})

test('parsing tells given, unknown and unneeded keys apart and fills in the rest', () => {
  const parsed = brokerConfig.parse({ 'num.io.threads': '2', 'num.partitions': '3', foo: '' })
  assert.deepEqual([...parsed.explicit], ['num.io.threads', 'num.partitions'])
  assert.deepEqual(parsed.unknown, ['foo'])
  assert.deepEqual(parsed.notNeeded, ['num.io.threads'])
  assert.equal(parsed.values['num.partitions'], 3)
  assert.equal(parsed.values['log.segment.bytes'], 1_073_741_824)
})

test('names that every object has are no keys', () => {
  assert.deepEqual(brokerConfig.parse({ constructor: '1', toString: '1' }).unknown, [
    'constructor',
    'toString',
  ])
})

test('a password shows itself to nobody who does not ask', () => {
  const password = new Password('s3cret')
  assert.doesNotMatch(`${password} ${JSON.stringify({ password })}`, /s3cret/)
  assert.equal(password.reveal(), 's3cret')
})

test('any text is a value or a ConfigError, and a value keeps its meaning when shown', () => {
  const names = Object.keys(brokerConfig.keys)
  const text = fc.oneof(fc.string(), fc.bigInt().map(String), fc.double().map(String))
  fc.assert(
    fc.property(fc.constantFrom(...names), text, (name, written) => {
      try {
        const value = key(name).read(name, written)
        if (value instanceof Password) return
        assert.deepEqual(key(name).read(name, key(name).canonical(written)), value)
      } catch (error) {
        assert.equal(error instanceof Error && error.name, 'ConfigError')
      }
    }),
  )
})

test('every default is a value of its key', () => {
  for (const { keys } of [brokerConfig, topicConfig, groupConfig])
    for (const [name, { defaultText, required, read }] of Object.entries(keys))
      if (defaultText !== null && !required)
        assert.doesNotThrow(() => read(name, defaultText), name)
})

test('every key says what it is for in one sentence', () => {
  for (const { keys } of [brokerConfig, topicConfig, groupConfig])
    for (const [name, { doc }] of Object.entries(keys)) assert.match(doc, /^[A-Z].*\.$/, name)
})
