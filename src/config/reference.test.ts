import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { brokerConfig } from './broker.ts'
import { clientMetricsConfig } from './client-metrics.ts'
import type { Key, Keys } from './declare.ts'
import { groupConfig } from './group.ts'
import { brokerQuotaConfig, clientQuotaConfig, ipQuotaConfig } from './quota.ts'
import { topicConfig } from './topic.ts'

/** Kafka's published keys, kept outside the product (STYLE rule 14 does the same for messages). */
const folder = new URL('../../../shared/reference/kafka/configs/', import.meta.url)

interface Published {
  readonly name: string
  readonly type: string
  readonly default?: string | null
  readonly required?: boolean
  readonly valid?: string
  readonly importance: string
  readonly internal?: boolean
  readonly update?: string
  readonly brokerSynonyms?: readonly string[]
}

const files: Readonly<Record<string, Keys>> = {
  broker: brokerConfig.keys,
  topic: topicConfig.keys,
  group: groupConfig.keys,
  'client-metrics': clientMetricsConfig.keys,
  'quota-broker': brokerQuotaConfig.keys,
  'quota-ip': ipQuotaConfig.keys,
  'quota-user-client': clientQuotaConfig.keys,
}

const absent = existsSync(folder) ? false : `no reference data at ${folder.pathname}`

for (const [file, keys] of Object.entries(files))
  test(`every ${file} key has the type, default, range and update mode Kafka publishes`, {
    skip: absent,
  }, () => {
    const text = readFileSync(new URL(`${file}.json`, folder), 'utf8')
    // The reference data is ours to trust: its shape is described beside it.
    const published = JSON.parse(text) as readonly Published[]
    const differences = published.flatMap((one) => compare(one, keys[one.name]))
    const names = new Set(published.map((one) => one.name))
    for (const name of Object.keys(keys))
      if (!names.has(name) && !name.startsWith('moldau.')) differences.push(`${name}: not Kafka's`)
    assert.deepEqual(differences, [])
  })

function compare(published: Published, key: Key | undefined): string[] {
  if (!key) return [`${published.name}: not declared`]
  const differences: string[] = []
  const expect = (what: string, ours: unknown, theirs: unknown) => {
    if (ours !== theirs) differences.push(`${published.name}: ${what} ${ours}, Kafka ${theirs}`)
  }
  expect('type', key.type, published.type)
  expect('valid', key.valid, published.valid)
  expect('importance', key.importance, published.importance)
  expect('internal', key.internal, published.internal ?? false)
  expect('required', key.required, published.required ?? false)
  if (!published.required) expect('default', key.defaultText, published.default)
  if (published.update) expect('update', key.update, published.update)
  if (published.brokerSynonyms)
    expect('synonyms', key.brokerSynonyms.join(), published.brokerSynonyms.join())
  return differences
}
