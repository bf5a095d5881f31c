import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { adminConfig } from './admin.ts'
import { consumerConfig } from './consumer.ts'
import type { Keys } from './declare.ts'
import { idempotence, producerConfig } from './producer.ts'

/** Kafka's published keys, kept outside the product, as for the keys of a broker. */
const folder = new URL('../../../shared/reference/kafka/configs/', import.meta.url)
const absent = existsSync(folder) ? false : `no reference data at ${folder.pathname}`

interface Published {
  readonly name: string
  readonly type: string
  readonly default?: string | null
  readonly required?: boolean
  readonly valid?: string
  readonly importance: string
  readonly internal?: boolean
}

const files: Readonly<Record<string, Keys>> = {
  producer: producerConfig.keys,
  consumer: consumerConfig.keys,
  admin: adminConfig.keys,
}

for (const [file, keys] of Object.entries(files))
  test(`every ${file} key has the type, default and range Kafka publishes`, {
    skip: absent,
  }, () => {
    const text = readFileSync(new URL(`${file}.json`, folder), 'utf8')
    // The reference data is ours to trust: its shape is described beside it.
    const published = JSON.parse(text) as readonly Published[]
    const theirs = published.map(({ name, type, valid, importance, ...rest }) => {
      const { required = false, internal = false } = rest
      const value = required ? undefined : rest.default
      return { name, type, default: value, valid, importance, required, internal }
    })
    const ours = published.map(({ name }) => {
      const key = keys[name]
      if (key === undefined) return { name }
      const { type, valid, importance, required, internal, defaultText } = key
      const value = required ? undefined : defaultText
      return { name, type, default: value, valid, importance, required, internal }
    })
    assert.deepEqual(ours, theirs)
    assert.deepEqual(Object.keys(keys).toSorted(), published.map(({ name }) => name).toSorted())
  })

const RULES: readonly (readonly [Readonly<Record<string, string>>, boolean | RegExp])[] = [
  [{}, true],
  [{ acks: '-1' }, true],
  [{ acks: '1' }, false],
  [{ retries: '0' }, false],
  [{ 'enable.idempotence': 'false', 'max.in.flight.requests.per.connection': '9' }, false],
  [{ 'enable.idempotence': 'true', acks: '1' }, /acks must be all, not 1/],
  [{ 'enable.idempotence': 'true', retries: '0' }, /retries must be above 0/],
  [{ 'max.in.flight.requests.per.connection': '6' }, /at most 5, not 6/],
]

for (const [texts, expected] of RULES)
  test(`a producer with ${JSON.stringify(texts)} is idempotent: ${expected}`, () => {
    const { values, explicit } = producerConfig.parse(texts)
    const { isIdempotent, problem } = idempotence(values, explicit)
    if (expected instanceof RegExp) assert.match(problem ?? '', expected)
    else assert.deepEqual([isIdempotent, problem], [expected, undefined])
  })
