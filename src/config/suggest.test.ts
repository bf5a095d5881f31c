import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerConfig } from './broker.ts'
import { nearest } from './suggest.ts'

const meant: Readonly<Record<string, string | undefined>> = {
  'num.partition': 'num.partitions',
  'log.retension.hours': 'log.retention.hours',
  'advertised.listener': 'advertised.listeners',
  'auto.create.topic.enabled': 'auto.create.topics.enable',
  'my.company.setting': undefined,
  x: undefined,
}
for (const [written, expected] of Object.entries(meant))
  test(`${written} was meant as ${expected ?? 'nothing known'}`, () => {
    assert.equal(nearest(written, Object.keys(brokerConfig.keys)), expected)
  })
