import * as batch from '../../records/batch.ts'
import { legacyRecords } from '../../records/legacy.ts'
import { openRecords } from '../../records/records.ts'
import { lastOffsetAt } from '../batch-header.ts'
import {
  type BatchVerdict,
  judgeBatch,
  RecordsJudge,
  type RetentionRules,
  staysRecord,
} from './batch-filter.ts'
import { batchOfLegacy, emptyBatch, rewriteBatch, type Scratch } from './batch-rewrite.ts'
import { MAX_RECORDS_BYTES, RECORDS_PER_LOOK } from './cleaning-means.ts'
import type { Pace } from './pace.ts'

/** What is left of a batch: all of it byte for byte, nothing, or another one. */
export type Cleaned = 'same' | 'gone' | Uint8Array

/** What all batches of a pass share. */
export interface BatchMeans {
  /** It holds the batch that came out, until its next use. */
  readonly scratch: Scratch
  readonly pace: Pace
}

/** Decides what is left of the batch at `at`. @throws KafkaError when its records cannot be read. */
export function cleanBatch(
  bytes: Uint8Array,
  at: number,
  rules: RetentionRules,
  means: BatchMeans,
): Cleaned | Promise<Cleaned> {
  if (batch.magic(bytes, at) !== batch.CURRENT_MAGIC) return cleanLegacy(bytes, at, rules)
  const verdict = judgeBatch(bytes, at, rules)
  if (!verdict.dropsRecords && batch.recordCount(bytes, at) > 0) {
    return cleanRecords(bytes, at, verdict, rules, means)
  }
  return verdict.keepsHeader ? emptyBatch(bytes, at) : 'gone'
}

async function cleanRecords(
  bytes: Uint8Array,
  at: number,
  { keepsHeader, isNeedlessMarker }: BatchVerdict,
  rules: RetentionRules,
  { scratch, pace }: BatchMeans,
): Promise<Cleaned> {
  const horizonMs = batch.deleteHorizonMs(bytes, at)
  const opened = openRecords(bytes, at, MAX_RECORDS_BYTES)
  const cursor = opened instanceof Promise ? await opened : opened
  const judge = new RecordsJudge(cursor, batch.isControlBatch(bytes, at), horizonMs, rules)
  while (!judge.judge(RECORDS_PER_LOOK)) if (pace.isTired) await pace.rest()
  const { verdict } = judge
  if (verdict.keptCount === 0) return keepsHeader ? emptyBatch(bytes, at) : 'gone'
  const needsHorizon = horizonMs === undefined && (verdict.hasTombstone || isNeedlessMarker)
  const newHorizonMs = needsHorizon ? newHorizon(rules) : undefined
  if (verdict.keptCount === cursor.count && newHorizonMs === undefined) return 'same'
  return rewriteBatch(bytes, at, cursor.bytes, verdict, newHorizonMs, scratch)
}

/** Old formats have no delete horizon, and a wrapper cannot lose a part: what has to change becomes a
 *  batch of the present format. */
function cleanLegacy(bytes: Uint8Array, at: number, rules: RetentionRules): Cleaned {
  const records = legacyRecords(bytes, at, MAX_RECORDS_BYTES)
  const kept = records.filter(({ key, value, offset }) => {
    const keyed = { bytes: key ?? NO_BYTES, keyAt: 0, keyBytes: key?.length ?? -1 }
    const judged = { offset, ...keyed, valueBytes: value?.length ?? -1 }
    return staysRecord(judged, undefined, rules)
  })
  const lastOffset = lastOffsetAt(bytes, at)
  const hasTombstone = kept.some(({ value }) => value === null)
  const horizonMs = hasTombstone ? newHorizon(rules) : undefined
  if (kept.length === records.length && horizonMs === undefined) return 'same'
  if (kept.length === 0 && lastOffset + 1 !== rules.endOffset) return 'gone'
  return batchOfLegacy(kept, lastOffset, horizonMs)
}

/** When tombstones that are compacted now may go; undefined for never: a time that no int64 holds, as
 *  the largest `delete.retention.ms` makes it. */
function newHorizon({ nowMs, deleteRetentionMs }: RetentionRules): number | undefined {
  const horizonMs = nowMs + deleteRetentionMs
  return horizonMs >= 2 ** 63 ? undefined : Math.min(horizonMs, Number.MAX_SAFE_INTEGER - 1)
}

const NO_BYTES = new Uint8Array(0)
