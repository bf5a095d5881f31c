import * as batch from './batch.ts'
import type { RecordCursor } from './cursor.ts'
import { legacyRecords } from './legacy.ts'
import { openRecords } from './records.ts'

/** Finding records by their time inside one batch, for ListOffsets. Batches are told apart by their
 *  headers and the time index before; compressed ones are decompressed here. */

/** A record's place in the log and in time. */
export interface TimedOffset {
  readonly offset: number
  readonly timestamp: number
}

type Found = TimedOffset | undefined

/**
 * The first record of the batch at `at` whose timestamp is at least `targetMs`, at or behind
 * `startOffset`; undefined without one.
 * @param bytes holds the whole batch, of any format; it must not change meanwhile.
 * @param maxBytes the most the batch may become when decompressed.
 */
export function firstSince(
  bytes: Uint8Array,
  at: number,
  targetMs: number,
  startOffset: number,
  maxBytes: number,
): Found | Promise<Found> {
  const fits = (record: TimedOffset) => record.timestamp >= targetMs && record.offset >= startOffset
  if (batch.magic(bytes, at) < batch.CURRENT_MAGIC) {
    return timed(legacyRecords(bytes, at, maxBytes).find(fits))
  }
  const cursor = openRecords(bytes, at, maxBytes)
  const search = (records: RecordCursor): Found => {
    while (records.next()) if (fits(records)) return timed(records)
    return undefined
  }
  return cursor instanceof Promise ? cursor.then(search) : search(cursor)
}

/** The first of the batch's records with the largest timestamp; undefined when none has one. */
export function latestIn(bytes: Uint8Array, at: number, maxBytes: number): Found | Promise<Found> {
  if (batch.magic(bytes, at) < batch.CURRENT_MAGIC) {
    let latest: Found
    for (const record of legacyRecords(bytes, at, maxBytes)) latest = later(latest, record)
    return latest
  }
  const cursor = openRecords(bytes, at, maxBytes)
  const search = (records: RecordCursor): Found => {
    let latest: Found
    while (records.next()) latest = later(latest, records)
    return latest
  }
  return cursor instanceof Promise ? cursor.then(search) : search(cursor)
}

function later(latest: Found, record: TimedOffset): Found {
  return record.timestamp > (latest?.timestamp ?? batch.NO_TIMESTAMP) ? timed(record) : latest
}

/** A copy: cursors move on. */
function timed(record: TimedOffset | undefined): Found {
  return record && { offset: record.offset, timestamp: record.timestamp }
}
