import { batchOf, readBatches } from '../clients/raw/batch.ts'

/** Where the header of a batch has its length and its leader epoch, and what comes before the length. */
const LENGTH_AT = 8
const LEADER_EPOCH_AT = 12
const LOG_OVERHEAD_BYTES = 12

/** A record as it lies in a log. */
export interface Placed {
  readonly offset: number
  readonly value: string
  /** Leader epoch of its batch. */
  readonly epoch: number
}

/** The identity an idempotent producer gives its batches. */
export interface Identity {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

/** A batch of these values. Always the same bytes for the same arguments. */
export function batchOfValues(
  values: readonly string[],
  timestampMs: number,
  identity: Identity | undefined,
): Buffer {
  const records = values.map((value) => ({ key: null, value }))
  return batchOf(records, { firstTimestampMs: timestampMs, ...identity })
}

/** All records of whole batches. @throws when a checksum is wrong or a batch is cut off. */
export function recordsIn(bytes: Uint8Array): readonly Placed[] {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: Placed[] = []
  for (let at = 0; at < data.length; ) {
    const end = at + LOG_OVERHEAD_BYTES + data.readInt32BE(at + LENGTH_AT)
    if (end > data.length) throw new Error(`a batch of an answer is cut off at ${at}`)
    const epoch = data.readInt32BE(at + LEADER_EPOCH_AT)
    for (const { offset, value } of readBatches(data.subarray(at, end))) {
      found.push({ offset, value: value ?? '', epoch })
    }
    at = end
  }
  return found
}
