import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerConfig } from './broker.ts'
import { renderConfiguration } from './document.ts'
import { topicConfig } from './topic.ts'

const page = renderConfiguration()

test('every key has its row', () => {
  for (const name of [...Object.keys(brokerConfig.keys), ...Object.keys(topicConfig.keys)])
    assert.ok(page.includes(`\n| \`${name}\` |`), name)
})

test('every row of a table has as many cells as its header', () => {
  for (const line of page.split('\n').filter((each) => each.startsWith('|')))
    assert.equal(line.split(/(?<!\\)\|/).length, 9, line)
})

test('defaults are shown in a unit people read', () => {
  assert.match(
    page,
    /`retention.ms` \| long \| 604800000 \(7 days\) \| a whole number, at least -1/,
  )
  assert.match(page, /`segment.bytes` \| int \| 1073741824 \(1 GiB\)/)
  assert.match(page, /`log.retention.hours` \| int \| 168 \(7 days\)/)
  assert.match(page, /`flush.ms` \| long \| 9223372036854775807 \|/)
})
