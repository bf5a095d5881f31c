import { assert } from '../kernel/assert.ts'
import {
  type Change,
  type Commit,
  CoordinationError,
  type CoordinationLimits,
  type Entry,
  type Expectation,
  type Put,
  type Removal,
} from './coordination.ts'

/** An entry as a store keeps it. */
export interface StoredEntry extends Entry {
  /** The lease whose end deletes the key; undefined for one that stays. */
  readonly leaseId: string | undefined
}

/** What a commit looks at: the store's state at one revision. */
export interface StoreView {
  readonly revision: number
  get(key: string): StoredEntry | undefined
  /** The keys that begin with `prefix`. */
  keys(prefix: string): Iterable<string>
}

/** A change that also says which leases hold its keys. */
export interface StoredChange extends Change {
  readonly entries: readonly (StoredEntry | Removal)[]
}

/**
 * What a commit does to a store: the same answer for every store of ours.
 * @returns undefined when an expectation does not hold; a change without entries, at the old
 *   revision, when it would delete only what is absent.
 */
export function decideCommit(view: StoreView, commit: Commit): StoredChange | undefined {
  for (const [key, expected] of Object.entries(commit.expect ?? {})) {
    if (!holds(view.get(key), expected)) return undefined
  }
  const revision = view.revision + 1
  const entries: (StoredEntry | Removal)[] = []
  for (const key of removedKeys(view, commit)) entries.push({ key, value: undefined })
  for (const put of commit.puts ?? []) entries.push(entryOf(put, view.get(put.key), revision))
  return { revision: entries.length === 0 ? view.revision : revision, entries }
}

/**
 * Refuses a commit that is too large, before anything is done.
 * @throws CoordinationError `limit`. A key touched twice is a defect of the caller and asserted.
 */
export function checkCommit(commit: Commit, limits: CoordinationLimits): void {
  const { puts = [], deletes = [], deletePrefixes = [], expect = {} } = commit
  const expected = Object.keys(expect)
  const operations = puts.length + deletes.length + deletePrefixes.length + expected.length
  checkLimit('operations', operations, limits.operations)
  let bytes = 0
  for (const key of [...puts.map((put) => put.key), ...deletes, ...deletePrefixes, ...expected]) {
    assert(key.length > 0 && !key.includes('\0'), `key ${JSON.stringify(key)} is not a valid key`)
    const keyBytes = Buffer.byteLength(key)
    checkLimit(`bytes in the key ${key.slice(0, 80)}`, keyBytes, limits.keyBytes)
    bytes += keyBytes
  }
  for (const put of puts) bytes += Buffer.byteLength(put.value)
  checkLimit('bytes', bytes, limits.commitBytes)
  assertTouchedOnce(puts, deletes, deletePrefixes)
}

function holds(entry: StoredEntry | undefined, expected: Expectation): boolean {
  return 'modRevision' in expected
    ? (entry?.modRevision ?? 0) === expected.modRevision
    : (entry?.createRevision ?? 0) === expected.createRevision
}

function removedKeys(view: StoreView, commit: Commit): string[] {
  const keys = (commit.deletes ?? []).filter((key) => view.get(key) !== undefined)
  for (const prefix of commit.deletePrefixes ?? []) keys.push(...view.keys(prefix))
  return keys
}

function entryOf(put: Put, previous: StoredEntry | undefined, revision: number): StoredEntry {
  return {
    key: put.key,
    value: put.value,
    createRevision: previous?.createRevision ?? revision,
    modRevision: revision,
    leaseId: put.leaseId,
  }
}

function assertTouchedOnce(
  puts: readonly Put[],
  deletes: readonly string[],
  deletePrefixes: readonly string[],
): void {
  const touched = new Set<string>()
  for (const key of [...puts.map((put) => put.key), ...deletes]) {
    assert(!touched.has(key), `a commit touches the key ${key} twice`)
    touched.add(key)
  }
  for (const prefix of deletePrefixes) {
    const inside = [...touched, ...deletePrefixes.filter((other) => other !== prefix)]
    const twice = inside.find((key) => key.startsWith(prefix))
    assert(twice === undefined, `a commit touches ${twice} and deletes all below ${prefix}`)
  }
}

function checkLimit(what: string, value: number, limit: number): void {
  if (value <= limit) return
  throw new CoordinationError('limit', `a commit with ${value} ${what}; at most ${limit} are taken`)
}
