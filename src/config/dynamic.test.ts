import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  brokerConfigs,
  effectiveGroupConfig,
  effectiveTopicConfig,
  NO_OVERRIDES,
} from './dynamic.ts'
import { fileSettings, serverConfig } from './server-config.ts'

const server = (file = '') => serverConfig(fileSettings('f', file))

test('the own settings of a broker win over those of the cluster, and those over the file', () => {
  const file = server('message.max.bytes=1\nlog.retention.bytes=1\nnum.partitions=7')
  const cluster = { 'message.max.bytes': '2', 'log.retention.bytes': '2' }
  const { current } = brokerConfigs(file, cluster, { 'message.max.bytes': '3' })
  assert.equal(current['message.max.bytes'], 3)
  assert.equal(current['log.retention.bytes'], 2)
  assert.equal(current['num.partitions'], 7)
})

test('a topic takes its own settings, else those of the broker in its own unit', () => {
  const configs = brokerConfigs(server('log.retention.hours=2\nlog.roll.hours=3'))
  const topic = effectiveTopicConfig(configs, { 'segment.ms': '5' })
  assert.equal(topic['retention.ms'], 7_200_000)
  assert.equal(topic['segment.ms'], 5)
})

test('milliseconds set while running silence hours of the file', () => {
  const configs = brokerConfigs(server('log.retention.hours=2'), { 'log.retention.ms': '9' })
  assert.equal(effectiveTopicConfig(configs, NO_OVERRIDES)['retention.ms'], 9)
  assert.equal(configs.texts['log.retention.hours'], undefined)
})

test('any negative retention is no limit', () => {
  const configs = brokerConfigs(server('log.retention.minutes=-7'))
  assert.equal(effectiveTopicConfig(configs, NO_OVERRIDES)['retention.ms'], -1)
})

test('the same configuration and overrides give the same object', () => {
  const configs = brokerConfigs(server())
  const overrides = { 'retention.ms': '5' }
  assert.equal(effectiveTopicConfig(configs, overrides), effectiveTopicConfig(configs, overrides))
  const changed = brokerConfigs(server(), { 'log.segment.bytes': '2000000' })
  assert.equal(effectiveTopicConfig(changed, overrides)['segment.bytes'], 2_000_000)
})

test('a stored value that is not valid is not in force and keeps nothing down', () => {
  const configs = brokerConfigs(server(), { 'log.segment.bytes': '1', 'log.retention.bytes': '8' })
  assert.deepEqual(configs.ignored, ['log.segment.bytes'])
  assert.equal(configs.current['log.segment.bytes'], 1_073_741_824)
  assert.equal(configs.current['log.retention.bytes'], 8)
})

test('stored values that contradict each other give way to the file', () => {
  const configs = brokerConfigs(server('message.max.bytes=9'), {}, { 'log.roll.ms': '0' })
  assert.deepEqual(configs.ignored, ['log.roll.ms'])
  assert.equal(configs.current['message.max.bytes'], 9)
})

test('a group takes what the broker says of its kind', () => {
  const configs = brokerConfigs(server('group.consumer.session.timeout.ms=50000'))
  assert.equal(effectiveGroupConfig(configs, {})['consumer.session.timeout.ms'], 50_000)
  const own = effectiveGroupConfig(configs, { 'consumer.session.timeout.ms': '60000' })
  assert.equal(own['consumer.session.timeout.ms'], 60_000)
})

test('what a group was given acts within the bounds its broker has now', () => {
  const configs = brokerConfigs(server('group.consumer.max.heartbeat.interval.ms=9000'))
  const overrides = {
    'consumer.session.timeout.ms': '1000',
    'consumer.heartbeat.interval.ms': '15000',
    'consumer.assignment.interval.ms': 'often',
    'of.another.version': '1',
  }
  const acting = effectiveGroupConfig(configs, overrides)
  assert.equal(acting['consumer.session.timeout.ms'], 45_000)
  assert.equal(acting['consumer.heartbeat.interval.ms'], 9_000)
  assert.equal(acting['consumer.assignment.interval.ms'], 1_000)
  assert.equal(effectiveGroupConfig(configs, overrides), acting, 'without working it out again')
})
