import assert from 'node:assert/strict'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as batch from './batch.ts'
import { BatchBuilder } from './builder.ts'
import { MANY_BYTES } from './fixtures-for-test.ts'
import { type LogRecord, recordsOf } from './records.ts'
import { latestIn } from './time-lookup.ts'

/** Segments that a real Kafka wrote, against what its own reader says is in them. */

const fixtures = fileURLToPath(
  new URL('../../../shared/reference/kafka/fixtures/', import.meta.url),
)

/** A field of a record: text where it is printable, else hex under `…Hex`. */
interface ExpectedRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key?: string | null
  readonly keyHex?: string
  readonly value?: string | null
  readonly valueHex?: string
  readonly headers?: readonly { readonly key: string; readonly value: string | null }[]
}

interface ExpectedBatch {
  readonly file: string
  readonly position: number
  readonly records: readonly ExpectedRecord[]
}

const bytesOf = (text: string | null | undefined, hex: string | undefined): Buffer | null =>
  hex === undefined ? (text == null ? null : Buffer.from(text)) : Buffer.from(hex, 'hex')

const asBuffer = (bytes: Uint8Array | null): Buffer | null => bytes && Buffer.from(bytes)

function compareRecord(actual: LogRecord, expected: ExpectedRecord): void {
  assert.equal(actual.offset, expected.offset)
  assert.equal(actual.timestamp, expected.timestamp)
  assert.deepEqual(asBuffer(actual.key), bytesOf(expected.key, expected.keyHex))
  assert.deepEqual(asBuffer(actual.value), bytesOf(expected.value, expected.valueHex))
  assert.deepEqual(
    actual.headers.map(({ key, value }) => ({ key, value: asBuffer(value)?.toString() ?? null })),
    expected.headers ?? [],
  )
}

/** The header's fields under the names that the expectation uses. */
function headerOf(bytes: Uint8Array, at: number) {
  return {
    position: at,
    sizeInBytes: batch.batchSizeBytes(bytes, at),
    baseOffset: batch.baseOffset(bytes, at),
    lastOffset: batch.lastOffset(bytes, at),
    magic: batch.magic(bytes, at),
    partitionLeaderEpoch: batch.leaderEpoch(bytes, at),
    crc: batch.crc(bytes, at),
    valid: batch.batchDamage(bytes, at) === undefined,
    compression: batch.compressionOf(bytes, at),
    timestampType: batch.timestampType(bytes, at),
    maxTimestamp: batch.maxTimestamp(bytes, at),
    producerId: batch.producerId(bytes, at),
    producerEpoch: batch.producerEpoch(bytes, at),
    baseSequence: batch.baseSequence(bytes, at),
    isTransactional: batch.isTransactional(bytes, at),
    isControl: batch.isControlBatch(bytes, at),
  }
}

const skip = existsSync(fixtures) ? false : `${fixtures} is absent`
const partitions = skip
  ? ['any']
  : readdirSync(`${fixtures}expected`).map((f) => basename(f, '.json'))

for (const partition of partitions) {
  test(`${partition}: every batch and record reads as Kafka reads it`, { skip }, async () => {
    const text = readFileSync(`${fixtures}expected/${partition}.json`, 'utf8')
    // The shape of the reference data, which its README describes.
    const expected = JSON.parse(text) as ExpectedBatch[]
    const files = new Set(expected.map(({ file }) => file))
    for (const file of files) {
      const bytes = new Uint8Array(readFileSync(`${fixtures}log-dir/${partition}/${file}`))
      const inFile = expected.filter((one) => one.file === file)
      const seen: number[] = []
      const end = batch.forEachBatch(bytes, (at) => {
        const { records, ...header } = inFile[seen.length]!
        assert.deepEqual({ ...header, ...headerOf(bytes, at) }, header)
        const actual = [...recordsOf(bytes, at, MANY_BYTES)]
        assert.equal(actual.length, records.length)
        for (const [index, record] of records.entries()) compareRecord(actual[index]!, record)
        seen.push(at)
      })
      assert.equal(end, bytes.length)
      assert.equal(seen.length, inFile.length)
      for (const at of seen) {
        const latest = await latestIn(bytes, at, MANY_BYTES)
        if (latest) assert.equal(latest.timestamp, batch.maxTimestamp(bytes, at))
      }
    }
  })
}

test('an uncompressed batch that is written again has the same bytes', { skip }, () => {
  const segments = globSync(`${fixtures}log-dir/{plain,txn,many}-*/*.log`)
  let count = 0
  for (const segment of segments) {
    const bytes = new Uint8Array(readFileSync(segment))
    batch.forEachBatch(bytes, (at, sizeBytes) => {
      if (batch.compressionOf(bytes, at) !== 'none') return
      const header = batch.readHeader(bytes, at)
      const builder = new BatchBuilder({
        ...header,
        isTransactional: batch.isTransactional(bytes, at),
        isControl: batch.isControlBatch(bytes, at),
      })
      for (const record of recordsOf(bytes, at, MANY_BYTES)) builder.append(record)
      assert.deepEqual(builder.build(), bytes.subarray(at, at + sizeBytes))
      count++
    })
  }
  assert.ok(count > 0)
})
