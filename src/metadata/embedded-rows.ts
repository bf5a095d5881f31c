import { assert } from '../kernel/assert.ts'
import type { StoredChange, StoredEntry } from './commit-rules.ts'
import type { LeaseState } from './lease-clock.ts'

/**
 * The rows of the embedded store's file, all text:
 * | row | holds |
 * |---|---|
 * | `meta` | the `Meta` below, as JSON |
 * | `k` + key | create revision, modification revision, lease or `-`, value; parted by one blank |
 * | `h` + revision in 16 digits | the change of that revision, as JSON |
 * | `l` + lease | time to live in ms, count of renewals; parted by a blank |
 */
export const META_ROW = 'meta'
export const KEY_ROW = 'k'
export const HISTORY_ROW = 'h'
export const LEASE_ROW = 'l'

/** What the rows mean. A store with a higher number was written by a newer version. */
export const FORMAT = 1

/** The one row that every commit rewrites. */
export interface Meta {
  readonly format: number
  readonly revision: number
  /** Revision of the oldest change kept; above `revision` when none is. */
  readonly oldest: number
  /** Characters of all changes kept. */
  readonly historySize: number
  /** The highest lease id given. */
  readonly lastLease: number
}

export const EMPTY_META: Meta = {
  format: FORMAT,
  revision: 0,
  oldest: 1,
  historySize: 0,
  lastLease: 0,
}

export function historyRow(revision: number): string {
  return HISTORY_ROW + String(revision).padStart(16, '0')
}

export function writeEntry(entry: StoredEntry): string {
  return `${entry.createRevision} ${entry.modRevision} ${entry.leaseId ?? '-'} ${entry.value}`
}

export function readEntry(key: string, row: string): StoredEntry {
  const [createRevision, modRevision, leaseId] = row.split(' ', 3)
  assert(leaseId !== undefined, `the row of the key ${key} is damaged`)
  const headSize = `${createRevision} ${modRevision} ${leaseId} `.length
  return {
    key,
    value: row.slice(headSize),
    createRevision: Number(createRevision),
    modRevision: Number(modRevision),
    leaseId: leaseId === '-' ? undefined : leaseId,
  }
}

/** A removed key is an entry with its key alone. */
export function writeChange(change: StoredChange): string {
  return JSON.stringify(change)
}

export function readChange(row: string): StoredChange {
  // Written by `writeChange` alone.
  const change = JSON.parse(row) as StoredChange
  const entries = change.entries.map((entry) =>
    entry.value === undefined ? { key: entry.key, value: undefined } : entry,
  )
  return { revision: change.revision, entries }
}

export function writeLease(state: LeaseState): string {
  return `${state.ttlMs} ${state.renewals}`
}

export function readLease(row: string): LeaseState {
  const [ttlMs, renewals] = row.split(' ').map(Number)
  assert(ttlMs !== undefined && renewals !== undefined, `the lease row ${row} is damaged`)
  return { ttlMs, renewals }
}
