import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteRecords } from '../../protocol/api/21-delete-records.ts'
import { errors } from '../../protocol/errors.ts'
import { TestBroker } from '../broker-fixtures-for-test.ts'

/** Error code and low watermark. */
async function deleteBefore(b: TestBroker, name: string, offset: number, partitionIndex = 0) {
  const topics = [{ name, partitions: [{ partitionIndex, offset }] }]
  const answer = await b.ask(deleteRecords, { topics, timeoutMs: 1_000 })
  const { errorCode, lowWatermark } = answer.topics[0]!.partitions[0]!
  return [errorCode, lowWatermark]
}

test('records go up to an offset, -1 for all that is committed; the start never goes back', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  await b.produce('t', ['a', 'b', 'c', 'd'])
  const outOfRange = [errors.OFFSET_OUT_OF_RANGE.code, -1]
  const steps: readonly (readonly [offset: number, expected: readonly number[]])[] = [
    [0, [0, 0]],
    [2, [0, 2]],
    [1, [0, 2]],
    [5, outOfRange],
    [-2, outOfRange],
    [-1, [0, 4]],
  ]
  for (const [offset, expected] of steps) {
    assert.deepEqual(await deleteBefore(b, 't', offset), expected, `${offset}`)
  }
  const { errorCode, records } = await b.fetch('t', 4)
  assert.deepEqual([errorCode, records?.length], [0, 0])
  assert.equal((await b.fetch('t', 3)).errorCode, errors.OFFSET_OUT_OF_RANGE.code)
  await b.stop()
})

test('the log start that was set is there after a planned stop', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  await b.produce('t', ['a', 'b', 'c'])
  await deleteBefore(b, 't', 2)
  await b.stop()
  await b.start()
  assert.equal((await b.listOffset('t', -2)).offset, 2)
  await b.stop()
})

const refused: readonly (readonly [string, string, number, keyof typeof errors])[] = [
  ['an unknown topic', 'nil', 0, 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['an unknown partition', 't', 7, 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['a topic that is only compacted', 'compacted', 0, 'POLICY_VIOLATION'],
]
for (const [what, name, partition, error] of refused) {
  test(`${what} is ${error}`, async () => {
    const b = await TestBroker.start()
    await b.createTopic('t')
    await b.createTopic('compacted', { config: { 'cleanup.policy': 'compact' } })
    assert.deepEqual(await deleteBefore(b, name, 0, partition), [errors[error].code, -1])
    await b.stop()
  })
}

test('a topic that is compacted and deleted from may be deleted from by offset', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t', { config: { 'cleanup.policy': 'compact,delete' } })
  await b.produce('t', ['a'], { key: 'k' })
  assert.deepEqual(await deleteBefore(b, 't', 1), [0, 1])
  await b.stop()
})
