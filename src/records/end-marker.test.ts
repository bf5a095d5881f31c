import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as batch from './batch.ts'
import { endMarkerBatch } from './end-marker.ts'
import { recordsOf } from './records.ts'

const fixtures = new URL('../../../shared/reference/kafka/fixtures/expected/', import.meta.url)
const skip = existsSync(fixtures) ? false : 'the reference fixtures are not here'

/** What a fixture tells of a control batch. */
interface KafkaBatch {
  readonly isControl: boolean
  readonly sizeInBytes: number
  readonly crc: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly records: readonly { readonly controlType: string; readonly coordinatorEpoch: number }[]
}

for (const isCommitted of [true, false]) {
  test(`a marker of ${isCommitted ? 'a commit' : 'an abort'} is one control record`, () => {
    const marker = { producerId: 7, producerEpoch: 3, isCommitted, coordinatorEpoch: 9 }
    const { bytes } = endMarkerBatch({ ...marker, transactionVersion: 2 }, 1_000)
    batch.validateBatch(bytes)
    assert.ok(batch.isControlBatch(bytes) && batch.isTransactional(bytes))
    const [record] = recordsOf(bytes, 0, 1_000)
    assert.deepEqual(Buffer.from(record!.key!), Buffer.from([0, 0, 0, isCommitted ? 1 : 0]))
    assert.deepEqual(Buffer.from(record!.value!), Buffer.from([0, 0, 0, 0, 0, 9]))
  })
}

test("markers are Kafka's own byte for byte", { skip }, () => {
  let count = 0
  for (const file of ['txn-0.json', 'txn-open-0.json', '__consumer_offsets-0.json']) {
    // The fixture's own shape.
    const batches = JSON.parse(readFileSync(new URL(file, fixtures), 'utf8')) as KafkaBatch[]
    for (const kafka of batches.filter(({ isControl }) => isControl)) {
      const { controlType, coordinatorEpoch } = kafka.records[0]!
      const isCommitted = controlType === 'COMMIT'
      const marker = { ...kafka, isCommitted, coordinatorEpoch, transactionVersion: 2 }
      const { bytes } = endMarkerBatch(marker, kafka.maxTimestamp)
      assert.equal(bytes.length, kafka.sizeInBytes)
      assert.equal(batch.crc(bytes), kafka.crc)
      count += 1
    }
  }
  assert.ok(count > 3)
})
