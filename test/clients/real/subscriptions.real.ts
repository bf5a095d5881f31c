import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  clusterOf,
  clusterWith,
  type TopicSpec,
} from '../../../src/group/consumer/cluster-fixtures-for-test.ts'
import { metadataHash } from '../../../src/group/consumer/metadata-hash.ts'
import { compilePattern, resolvePattern } from '../../../src/group/consumer/regex.ts'
import type { Random } from '../../../src/kernel/environment.ts'
import { seededRandom } from '../../../src/kernel/seeded-random.ts'
import { noOracle } from '../oracle.ts'
import { runJava } from './java.ts'

const skip = await noOracle()
const seeds = 200

const racks = ['eu-west-1a', 'eu-west-1b', null, 'größte ☃', '']

const names = [
  'orders',
  'orders-eu',
  'Orders',
  'a',
  'aa',
  'aaa',
  'b.c',
  'x_1',
  '__consumer_offsets',
]
const patterns = [
  ...['.*', 'orders.*', 'orders', '(?i)ORDERS', 'a|b', '(a|aa)*', 'a{2}', 'a{1,2}', 'a+?', '(?:a)'],
  ...['[^a]+', '[a-c.]+', '\\w+', '\\W', '\\d', '.*\\d', '^a$', '\\Aa\\z', '\\ba\\b', '\\Qb.c\\E'],
  ...['\\pL+', '\\p{Lu}.*', '\\p{Greek}', '[[:alpha:]]+', '[[:^alpha:]]+', '(?P<n>a)', '(?<n>a)'],
  ...[
    '(?s).',
    '(?U)a+',
    '\\x61',
    '\\x{61}',
    '\\141',
    '[\\d_]+',
    'b\\.c',
    '$',
    '^',
    '',
    '()',
    'a||b',
  ],
  ...['a[', 'a(', '*a', '+', 'a**', 'a++', 'a{1001}', 'x{2}{3}', 'a{2,1}', '[z-a]', '\\pX', '\\8'],
  ...['\\1', 'a\\', '(?=a)', '(?!a)', '(?<=a)b', '(?z)', '(?P<n>a)(?P<n>b)', '[[:foo:]]', '\\C'],
  ...[
    '(?P<>a)',
    '(?i',
    '(?',
    '[a',
    '[]a]',
    '[',
    '\\',
    '\\Q',
    '(?P=n)',
    'a{',
    'a{,2}',
    '\\x{110000}',
  ],
]

describe('subscriptions mean what they mean to Kafka', { skip }, () => {
  test(`metadata hashes of ${seeds} clusters`, async () => {
    const clusters = Array.from({ length: seeds }, (_, seed) => anyTopics(seededRandom(seed)))
    const hashes = await runJava(
      'MetadataHashes.java',
      clusters.map((topics) => JSON.stringify(topics.map(withRacks))),
    )
    for (const [seed, topics] of clusters.entries()) {
      const hash = metadataHash(
        topics.map(({ name }) => name),
        clusterOf(topics, racks),
      )
      assert.equal(`${hash}`, hashes[seed], `seed ${seed}`)
    }
  })

  test(`${patterns.length} patterns`, async () => {
    const image = clusterWith(Object.fromEntries(names.map((name) => [name, 1])))
    const answers = await runJava(
      'Patterns.java',
      [names, ...patterns].map((value) => JSON.stringify(value)),
    )
    for (const [index, pattern] of patterns.entries())
      assert.deepEqual(answer(pattern, image), JSON.parse(answers[index]!), pattern)
  })
})

function anyTopics(random: Random): readonly TopicSpec[] {
  return Array.from({ length: random.below(6) }, (_, index) => ({
    name: `topic-${index}-${random.below(1000)}`,
    id: Buffer.from(random.bytes(16)).toString('base64url'),
    replicas: Array.from({ length: 1 + random.below(random.below(40)) }, () =>
      Array.from({ length: 1 + random.below(3) }, () => random.below(racks.length)),
    ),
  }))
}

function withRacks({ name, id, replicas }: TopicSpec): object {
  const racksOf = (brokers: readonly number[]) => brokers.flatMap((broker) => racks[broker] ?? [])
  return { name, id, racks: replicas.map(racksOf) }
}

function answer(pattern: string, image: Parameters<typeof resolvePattern>[1]): unknown {
  try {
    compilePattern(pattern)
    const matched = resolvePattern(pattern, image)
    return names.filter((name) => matched.has(name))
  } catch (error) {
    assert.ok(error instanceof Error)
    return error.message.replace(/^.* is not a valid regular expression: (.*)\.$/s, '$1')
  }
}
