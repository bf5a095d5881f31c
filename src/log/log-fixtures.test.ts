import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as batch from '../records/batch.ts'
import { recordsOf } from '../records/records.ts'
import { DIRECTORY, TestLog } from './log-for-test.ts'

/*
 * Partitions that a real Kafka broker wrote, opened by our log, give what Kafka's own reader gives.
 * The files are reference data outside of the repository.
 */

const FIXTURES = new URL('../../../shared/reference/kafka/fixtures/', import.meta.url)
const isThere = existsSync(FIXTURES)

/** One batch as Kafka's reader prints it. */
interface ExpectedBatch {
  readonly file: string
  readonly sizeInBytes: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly crc: number
  readonly partitionLeaderEpoch: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly isControl: boolean
  readonly records: readonly { readonly offset: number; readonly timestamp: number }[]
}

const expectedFiles = isThere ? readdirSync(new URL('expected/', FIXTURES)) : []
if (!isThere) {
  test('partitions written by Kafka', { skip: 'no ../shared/reference/kafka/fixtures' }, () => {})
}

for (const file of expectedFiles) {
  const partition = file.replace(/\.json$/, '')
  const text = readFileSync(new URL(`expected/${file}`, FIXTURES), 'utf8')
  const everything = JSON.parse(text) as readonly ExpectedBatch[]
  const expected = everything.filter((one) => /^\d{20}\.log$/.test(one.file)) // no KRaft snapshots

  for (const cleanShutdown of [true, false]) {
    const how = cleanShutdown ? 'closed cleanly' : 'killed'
    test(`${partition}, ${how}, holds what Kafka says`, async () => {
      const fixture = adopt(partition)
      const log = await fixture.open({ cleanShutdown })
      assert.equal(log.logStartOffset, Number(firstLogFile(fixture).slice(0, 20)))
      assert.equal(log.logEndOffset, (expected.at(-1)?.lastOffset ?? -1) + 1)
      assert.deepEqual(await batches(fixture), expected.map(picked))
      assert(!fixture.logger.entries.some(({ level }) => level === 'warn' || level === 'error'))
    })
  }

  test(`${partition}: every offset and every timestamp is found`, async () => {
    const fixture = adopt(partition)
    const log = await fixture.open({ cleanShutdown: true })
    for (let offset = log.logStartOffset; offset < log.logEndOffset; offset++) {
      const read = await fixture.read(offset, 1)
      const holder = expected.find(({ lastOffset }) => lastOffset >= offset)!
      assert.equal(read.firstBatchBaseOffset, holder.baseOffset, `offset ${offset}`)
      read.release()
    }
    const records = expected.flatMap((one) => one.records)
    for (const { timestamp } of records) {
      const found = await fixture.settle(log.offsetForTimestamp(timestamp))
      assert.equal(found?.offset, records.find((one) => one.timestamp >= timestamp)!.offset)
    }
    const newest = await fixture.settle(log.maxTimestamp())
    const times = records.map(({ timestamp }) => timestamp)
    if (times.length > 0) assert.equal(newest?.timestamp, Math.max(...times))
  })
}

test('aborted transactions of Kafka are found', { skip: !isThere && 'no fixtures' }, async () => {
  const fixture = adopt('txn-0')
  const log = await fixture.open({ cleanShutdown: true })
  const found = log.abortedTransactions(0, log.logEndOffset)
  assert(found.length > 0)
  const killed = adopt('txn-0')
  for (const name of killed.files()) {
    if (/txnindex|snapshot/.test(name)) killed.disk.remove(`${DIRECTORY}/${name}`)
  }
  const rebuilt = await killed.open({ cleanShutdown: false })
  assert.deepEqual(rebuilt.abortedTransactions(0, log.logEndOffset), found)
})

test('a transaction left open holds back the last stable offset', {
  skip: !isThere && 'no fixtures',
}, async () => {
  for (const cleanShutdown of [true, false]) {
    const log = await adopt('txn-open-0').open({ cleanShutdown, logStartOffset: 3 })
    log.highWatermarkMoved(log.logEndOffset)
    assert.equal(log.firstUnstableOffset, 8)
  }
})

/** The files of a partition on a simulated disk. */
function adopt(partition: string): TestLog {
  const fixture = new TestLog({ tailCacheBytes: 0, config: { 'cleanup.policy': ['compact'] } })
  const directory = new URL(`log-dir/${partition}/`, FIXTURES)
  for (const name of readdirSync(directory)) {
    fixture.disk.replaceFile(`${DIRECTORY}/${name}`, readFileSync(new URL(name, directory)))
  }
  return fixture
}

function firstLogFile(fixture: TestLog): string {
  return fixture.files().find((name) => name.endsWith('.log'))!
}

async function batches(fixture: TestLog): Promise<unknown[]> {
  const bytes = await fixture.readAll()
  const found: unknown[] = []
  batch.forEachBatch(bytes, (at, sizeInBytes) => {
    found.push({
      sizeInBytes,
      baseOffset: batch.baseOffset(bytes, at),
      lastOffset: batch.lastOffset(bytes, at),
      crc: batch.crc(bytes, at),
      partitionLeaderEpoch: batch.leaderEpoch(bytes, at),
      maxTimestamp: batch.maxTimestamp(bytes, at),
      producerId: batch.producerId(bytes, at),
      isControl: batch.isControlBatch(bytes, at),
      records: Array.from(recordsOf(bytes, at, 1_000_000), ({ offset, timestamp }) => {
        return { offset, timestamp }
      }),
    })
  })
  return found
}

function picked(expected: ExpectedBatch): unknown {
  const { sizeInBytes, baseOffset, lastOffset, crc, partitionLeaderEpoch } = expected
  const { maxTimestamp, producerId, isControl } = expected
  const records = expected.records.map(({ offset, timestamp }) => ({ offset, timestamp }))
  const header = { sizeInBytes, baseOffset, lastOffset, crc, partitionLeaderEpoch }
  return { ...header, maxTimestamp, producerId, isControl, records }
}
