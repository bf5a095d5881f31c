import { readInt16, readInt32 } from '../kernel/bytes.ts'
import { KafkaError } from '../protocol/errors.ts'
import * as batch from '../records/batch.ts'
import { RecordCursor } from '../records/cursor.ts'
import type { EndTransactionMarker, ProducerFacts } from './producer-state.ts'

/** Kinds of control records that concern producers (KIP-98). */
const ABORT = 0
const COMMIT = 1

/** What a whole batch at `at` says of its producer; undefined when it has none. Nothing but the
 *  header is read, except of control batches. */
export function producerFactsAt(bytes: Uint8Array, at: number): ProducerFacts | undefined {
  if (batch.magic(bytes, at) !== batch.CURRENT_MAGIC) return undefined
  const producerId = batch.producerId(bytes, at)
  if (producerId < 0) return undefined
  const isControl = batch.isControlBatch(bytes, at)
  return {
    producerId,
    producerEpoch: batch.producerEpoch(bytes, at),
    baseSequence: batch.baseSequence(bytes, at),
    lastOffsetDelta: batch.lastOffsetDelta(bytes, at),
    isTransactional: batch.isTransactional(bytes, at),
    isControl,
    marker: isControl ? markerAt(bytes, at) : undefined,
  }
}

/** The end of a transaction that a control batch states; undefined when it states something else, is
 *  damaged, or compaction has emptied it. Control batches are never compressed. */
function markerAt(bytes: Uint8Array, at: number): EndTransactionMarker | undefined {
  try {
    return readMarker(bytes, at)
  } catch (error) {
    if (error instanceof KafkaError) return undefined // records that are none
    throw error
  }
}

function readMarker(bytes: Uint8Array, at: number): EndTransactionMarker | undefined {
  const whole = bytes.subarray(at, at + batch.batchSizeBytes(bytes, at))
  const cursor = new RecordCursor(whole, 0, whole, batch.BATCH_OVERHEAD_BYTES)
  if (cursor.count === 0 || !cursor.next()) return undefined
  const key = cursor.key()
  const value = cursor.value()
  if (key === null || key.length < 4 || value === null || value.length < 6) return undefined
  const kind = readInt16(key, 2)
  if (kind !== ABORT && kind !== COMMIT) return undefined
  return { committed: kind === COMMIT, coordinatorEpoch: readInt32(value, 2) }
}
