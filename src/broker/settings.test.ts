import assert from 'node:assert/strict'
import { test } from 'node:test'
import { optionSetting, serverConfig } from '../config/server-config.ts'
import { type ClusterImage, EMPTY_IMAGE } from '../metadata/image.ts'
import type { ConfigValue } from '../metadata/values.ts'
import { Settings } from './settings.ts'

/** A cluster in which these settings were made: by topic, for broker 1, for all brokers, by group. */
function imageOf(made: {
  readonly topic?: ConfigValue
  readonly own?: ConfigValue
  readonly all?: ConfigValue
  readonly group?: ConfigValue
}): ClusterImage {
  const { topicConfigs, brokerConfigs, groupConfigs } = EMPTY_IMAGE
  return {
    ...EMPTY_IMAGE,
    groupConfigs: groupConfigs.with(new Map([['g', made.group]])),
    topicConfigs: topicConfigs.with(new Map([['t', made.topic]])),
    brokerConfigs: brokerConfigs.with(
      new Map([
        ['1', made.own],
        ['', made.all],
      ]),
    ),
  }
}

const settingsOf = (...settings: readonly string[]) =>
  new Settings(serverConfig(['node.id=1', ...settings].map(optionSetting)))

test('a topic goes by its own setting, else this broker’s, all brokers’, the file’s, the default', () => {
  const settings = settingsOf('message.max.bytes=5000')
  const now = () => settings.topic('t')['max.message.bytes']
  assert.equal(now(), 5_000)
  const layers = [
    { all: { 'message.max.bytes': '4000' } },
    { all: { 'message.max.bytes': '4000' }, own: { 'message.max.bytes': '3000' } },
    { own: { 'message.max.bytes': '3000' }, topic: { 'max.message.bytes': '2000' } },
    {},
  ]
  const expected = [4_000, 3_000, 2_000, 5_000]
  for (const [index, made] of layers.entries()) {
    settings.update(imageOf(made))
    assert.equal(now(), expected[index])
    assert.equal(settings.rules('t').maxMessageBytes, expected[index])
  }
})

test('what is asked for every batch is the same object until a setting changes', () => {
  const settings = settingsOf()
  const image = imageOf({ topic: { 'retention.ms': '5' } })
  settings.update(image)
  const rules = settings.rules('t')
  assert.equal(settings.rules('t'), rules)
  settings.update({ ...image, revision: 7 })
  assert.equal(settings.rules('t'), rules, 'something else changed')
  assert.notEqual(settings.rules('u'), rules)
  settings.update(imageOf({ topic: { 'retention.ms': '5', 'max.message.bytes': '9' } }))
  assert.notEqual(settings.rules('t'), rules)
  assert.equal(settings.rules('t').topic, 't')
})

test('a group goes by its own setting at once, else by what all brokers are set to', () => {
  const settings = settingsOf()
  const key = 'consumer.assignment.interval.ms'
  const now = () => settings.group('g')[key]
  assert.equal(now(), 1_000)
  settings.update(imageOf({ all: { [`group.${key}`]: '2000' } }))
  assert.equal(now(), 2_000)
  settings.update(imageOf({ all: { [`group.${key}`]: '2000' }, group: { [key]: '3000' } }))
  assert.equal(now(), 3_000)
  assert.equal(settings.group('other')[key], 2_000)
  settings.update(imageOf({}))
  assert.equal(now(), 1_000)
})
