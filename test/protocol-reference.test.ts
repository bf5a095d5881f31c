/** Our protocol against Kafka's own: the same comparisons as `node scripts/check-protocol.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { definitionDifferences, missingReference } from '../scripts/protocol-definitions.ts'
import { storedDifferences, storedRecords } from '../scripts/protocol-stored.ts'
import { wireDifferences, wireFrames } from '../scripts/protocol-wire.ts'

const skip = missingReference ?? false

test('every declaration agrees with the published definition', { skip }, () => {
  assert.deepEqual(definitionDifferences(), [])
})

test('every captured frame decodes to its published value and encodes to the same bytes', {
  skip,
}, () => {
  const frames = wireFrames()
  assert.ok(frames.length > 500, `only ${frames.length} frames`)
  assert.deepEqual(frames.flatMap(wireDifferences), [])
})

test('every record that a cluster stored for itself is encoded to the same bytes', { skip }, () => {
  const records = storedRecords()
  assert.ok(records.length > 200, `only ${records.length} records`)
  assert.deepEqual(records.flatMap(storedDifferences), [])
})
