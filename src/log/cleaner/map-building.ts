import * as batch from '../../records/batch.ts'
import { legacyRecords } from '../../records/legacy.ts'
import { openRecords } from '../../records/records.ts'
import { lastOffsetAt } from '../batch-header.ts'
import type { LogCore } from '../log-core.ts'
import type { Segment } from '../segment.ts'
import { abortedIn } from './aborted-transactions.ts'
import type { CleaningMeans } from './cleaning-means.ts'
import { MAX_RECORDS_BYTES, RECORDS_PER_LOOK } from './cleaning-means.ts'
import type { CleaningPlan } from './cleaning-plan.ts'
import type { OffsetMap } from './offset-map.ts'
import { batchRuns } from './segment-batches.ts'
import { TransactionFilter } from './transaction-filter.ts'

/**
 * Collects the last offset of each key in the dirty part of a log, as far as they fit into the map:
 * `map.latestOffset` says how far that is. Aborted data and records without a key do not count.
 * @param check called often; throws when the pass has to end.
 */
export async function buildOffsetMap(
  log: LogCore,
  plan: CleaningPlan,
  map: OffsetMap,
  means: CleaningMeans,
  check: () => void,
): Promise<void> {
  const { firstDirtyOffset, firstUncleanableOffset: end } = plan
  const transactions = new TransactionFilter()
  transactions.expect(abortedIn(log.segments, firstDirtyOffset, end))
  const { all } = log.segments
  const dirty = all.slice(Math.max(0, log.segments.floor(firstDirtyOffset)))
  for (const [index, segment] of dirty.entries()) {
    if (segment.baseOffset >= end) return
    const isWhole = await addSegment(log, segment, { map, means, check, transactions, plan })
    if (!isWhole) return
    const nextOffset = dirty[index + 1]?.baseOffset ?? end
    map.latestOffset = Math.max(map.latestOffset, nextOffset - 1)
  }
}

interface Building {
  readonly map: OffsetMap
  readonly means: CleaningMeans
  readonly check: () => void
  readonly transactions: TransactionFilter
  readonly plan: CleaningPlan
}

/** @returns false when the map became full on the way. */
async function addSegment(log: LogCore, segment: Segment, building: Building): Promise<boolean> {
  const { map, means, check, transactions, plan } = building
  const { files, config } = log.options
  const { offsets } = await segment.loadIndexes(config()['index.interval.bytes'])
  const runs = batchRuns({
    files,
    segment,
    start: offsets.positionFor(plan.firstDirtyOffset),
    bufferBytes: means.bufferBytes,
    beforeRead: (bytes) => means.throttle.take(bytes),
  })
  for await (const { bytes, sizeBytes } of runs) {
    check()
    means.pace.woken()
    for (let at = 0; at < sizeBytes; at += batch.batchSizeBytes(bytes, at)) {
      if (means.pace.isTired) await means.pace.rest()
      check()
      if (!(await addBatch(bytes, at, { map, means, transactions, plan }))) return false
      const lastOffset = lastOffsetAt(bytes, at)
      if (lastOffset >= plan.firstDirtyOffset && lastOffset > map.latestOffset) {
        map.latestOffset = lastOffset
      }
    }
  }
  return true
}

/** @returns false when a key did not fit. */
function addBatch(
  bytes: Uint8Array,
  at: number,
  building: Omit<Building, 'check'>,
): boolean | Promise<boolean> {
  const { transactions, map, plan } = building
  if (batch.magic(bytes, at) !== batch.CURRENT_MAGIC) return addLegacy(bytes, at, map, plan)
  if (batch.isControlBatch(bytes, at)) {
    transactions.isNeedless(bytes, at)
    return true
  }
  if (transactions.isAborted(bytes, at) || batch.recordCount(bytes, at) === 0) return true
  return addRecords(bytes, at, building)
}

async function addRecords(
  bytes: Uint8Array,
  at: number,
  { map, means, plan }: Omit<Building, 'check'>,
): Promise<boolean> {
  const opened = openRecords(bytes, at, MAX_RECORDS_BYTES)
  const cursor = opened instanceof Promise ? await opened : opened
  for (let count = 1; cursor.next(); count++) {
    if (cursor.keyBytes < 0 || cursor.offset < plan.firstDirtyOffset) continue
    if (map.isFull) return false
    map.put(cursor.bytes, cursor.keyAt, cursor.keyBytes, cursor.offset)
    if (count % RECORDS_PER_LOOK === 0 && means.pace.isTired) await means.pace.rest()
  }
  return true
}

function addLegacy(bytes: Uint8Array, at: number, map: OffsetMap, plan: CleaningPlan): boolean {
  for (const { key, offset } of legacyRecords(bytes, at, MAX_RECORDS_BYTES)) {
    if (key === null || offset < plan.firstDirtyOffset) continue
    if (map.isFull) return false
    map.put(key, 0, key.length, offset)
  }
  return true
}
