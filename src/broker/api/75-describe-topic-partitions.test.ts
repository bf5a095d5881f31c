import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeTopicPartitions } from '../../protocol/api/75-describe-topic-partitions.ts'
import { errors } from '../../protocol/errors.ts'
import type { RequestInput } from '../../protocol/schema.ts'
import { TestBroker } from '../broker-fixtures-for-test.ts'

type Request = RequestInput<typeof describeTopicPartitions>

const { UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST } = errors

/** `name-partition` of each partition, `name!code` of each topic that is not there, and the cursor. */
async function page(b: TestBroker, request: Request) {
  const { topics, nextCursor } = await b.ask(describeTopicPartitions, request)
  const told = topics.flatMap(({ name, errorCode, partitions }) =>
    errorCode === 0
      ? partitions.map(({ partitionIndex }) => `${name}-${partitionIndex}`)
      : [`${name}!${errorCode}`],
  )
  return nextCursor === null
    ? told
    : [...told, `next ${nextCursor.topicName}-${nextCursor.partitionIndex}`]
}

/** Topics `a` with three partitions, `b` with one and `c` with two. */
async function setUp(): Promise<TestBroker> {
  const b = await TestBroker.start()
  await b.createTopic('c', { partitions: 2 })
  await b.createTopic('a', { partitions: 3 })
  await b.createTopic('b')
  return b
}

const named = (...names: readonly string[]) => names.map((name) => ({ name }))

test('topics come in the order of their names, each once; without names all of them', async () => {
  const b = await setUp()
  const all = ['a-0', 'a-1', 'a-2', 'b-0', 'c-0', 'c-1']
  assert.deepEqual(await page(b, { topics: [] }), all)
  assert.deepEqual(await page(b, { topics: named('c', 'a', 'c') }), [
    'a-0',
    'a-1',
    'a-2',
    'c-0',
    'c-1',
  ])
  await b.stop()
})

for (const limit of [1, 2, 3, 4, 100]) {
  test(`pages of ${limit} put together are everything, in order`, async () => {
    const b = await setUp()
    const found: string[] = []
    let cursor: Request['cursor'] = null
    do {
      const request: Request = { topics: [], responsePartitionLimit: limit, cursor }
      const { topics, nextCursor } = await b.ask(describeTopicPartitions, request)
      const part = topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex }) => `${name}-${partitionIndex}`),
      )
      assert.ok(part.length <= limit)
      found.push(...part)
      cursor = nextCursor
    } while (cursor !== null)
    assert.deepEqual(found, ['a-0', 'a-1', 'a-2', 'b-0', 'c-0', 'c-1'])
    await b.stop()
  })
}

const pages: readonly (readonly [string, Request, readonly string[]])[] = [
  ['a full page', { topics: [], responsePartitionLimit: 3 }, ['a-0', 'a-1', 'a-2', 'next b-0']],
  ['a limit below 1 is 1', { topics: [], responsePartitionLimit: -5 }, ['a-0', 'next a-1']],
  [
    'a cursor in the middle',
    { topics: [], responsePartitionLimit: 2, cursor: { topicName: 'a', partitionIndex: 2 } },
    ['a-2', 'b-0', 'next c-0'],
  ],
  [
    'a cursor behind the last partition',
    { topics: named('a', 'b'), cursor: { topicName: 'a', partitionIndex: 9 } },
    ['b-0'],
  ],
  [
    'topics that are not there',
    { topics: named('a b', 'b', 'nil') },
    [`a b!${errors.INVALID_TOPIC_EXCEPTION.code}`, 'b-0', `nil!${UNKNOWN_TOPIC_OR_PARTITION.code}`],
  ],
  [
    'a cursor outside of the topics asked for',
    { topics: named('b'), cursor: { topicName: 'a', partitionIndex: 0 } },
    [`b!${INVALID_REQUEST.code}`],
  ],
  [
    'a cursor below 0',
    { topics: named('a'), cursor: { topicName: 'a', partitionIndex: -1 } },
    [`a!${INVALID_REQUEST.code}`],
  ],
]
for (const [what, request, expected] of pages) {
  test(`${what} is answered with ${expected.join(' ')}`, async () => {
    const b = await setUp()
    assert.deepEqual(await page(b, request), expected)
    await b.stop()
  })
}

test('the broker’s own limit holds for every page', async () => {
  const b = await TestBroker.start({ config: { 'max.request.partition.size.limit': '2' } })
  await b.createTopic('a', { partitions: 3 })
  assert.deepEqual(await page(b, { topics: [] }), ['a-0', 'a-1', 'next a-2'])
  await b.stop()
})
