import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BatchBuilder } from '../records/builder.ts'
import type { CompressionName } from '../records/compression/compression.ts'
import { T0, TestLog } from './log-for-test.ts'

/** A log with one batch per row; each number is the time of a record, ms after T0. */
async function logOf(
  rows: readonly (readonly number[])[],
  compression: CompressionName = 'none',
): Promise<TestLog> {
  const fixture = new TestLog({ config: { 'segment.bytes': 300, 'index.interval.bytes': 0 } })
  await fixture.open()
  for (const row of rows) {
    const builder = new BatchBuilder({ compression })
    for (const time of row) builder.append({ value: 'v', timestamp: T0 + time })
    fixture.append(builder.build(), 3)
  }
  await fixture.turn()
  return fixture
}

const ROWS = [[5, 1, 9], [2], [30, 20, 10], [15], [40], [12], [8, 50, 50], [3], [1], [2]]

function firstFrom(time: number): number | undefined {
  const index = ROWS.flat().findIndex((candidate) => candidate >= time)
  return index < 0 ? undefined : index
}

for (const compression of ['none', 'gzip', 'zstd'] as const) {
  test(`the first record that is not older is found, ${compression}, before and after a restart`, async () => {
    const fixture = await logOf(ROWS, compression)
    assert(fixture.log.segments.length > 2)
    for (let life = 0; life < 2; life++) {
      for (let time = 0; time <= 52; time++) {
        const found = await fixture.settle(fixture.log.offsetForTimestamp(T0 + time))
        assert.equal(found?.offset, firstFrom(time), `time ${time}`)
        if (!found) continue
        assert.equal(found.timestamp, T0 + ROWS.flat()[found.offset]!)
        assert.equal(found.leaderEpoch, 3)
      }
      await fixture.restart()
    }
  })
}

test('records below the log start are not found', async () => {
  const fixture = await logOf(ROWS)
  fixture.log.deleteRecordsBefore(6)
  const found = await fixture.settle(fixture.log.offsetForTimestamp(T0 + 11))
  assert.equal(found?.offset, 7)
})

test('of the largest timestamp the first record counts', async () => {
  const fixture = await logOf(ROWS)
  const newest = await fixture.settle(fixture.log.maxTimestamp())
  assert.deepEqual(newest, { offset: 11, timestamp: T0 + 50, leaderEpoch: 3 })
})

test('an empty log has no newest record', async () => {
  const fixture = await logOf([])
  assert.equal(await fixture.settle(fixture.log.maxTimestamp()), undefined)
  assert.equal(await fixture.settle(fixture.log.offsetForTimestamp(0)), undefined)
})

test('earliest and latest name the epochs that wrote there', async () => {
  const fixture = await logOf([[1], [2]])
  const { log } = fixture
  assert.deepEqual(log.earliest(), { offset: 0, timestamp: -1, leaderEpoch: 3 })
  assert.deepEqual(log.latest(), { offset: 2, timestamp: -1, leaderEpoch: 3 })
})
