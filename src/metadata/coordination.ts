/** Metadata: what the brokers of a cluster agree on (topics, partitions, brokers, configurations)
 *  and how each of them keeps a current picture of it. This file is the ground it stands on: the
 *  one interface through which the shared truth is read and changed. */

/**
 * The cluster's shared truth: ordered text keys with revisions. `EmbeddedCoordination` (a file) for
 * one machine, `MemoryCoordination` for tests and brokers without a disk. Every implementation
 * passes `coordination-contract.ts`.
 *
 * Revisions are whole numbers that grow by one with each commit that changed anything. Decide only
 * through `expect`: what a read or a watch told may be old by the time it is used.
 *
 * Errors are `CoordinationError`s; each call names the reasons it has besides `unreachable` and
 * `closed`, which all have.
 */
export interface Coordination {
  readonly limits: CoordinationLimits

  /** Everything whose key begins with `prefix`, ordered by key, as it was at one revision. */
  read(prefix: string): Promise<Snapshot>

  /**
   * Carries out all of `commit` as one step, or nothing when one of its expectations does not hold.
   * What is reported committed survives a crash of the machine where the store has a disk. After
   * `unreachable` it may have happened or not: read again.
   * @throws CoordinationError `limit` above `limits`; `lease-not-found` for a put bound to a lease
   *   that is over.
   */
  commit(commit: Commit): Promise<CommitOutcome>

  /**
   * Every change below `prefix` after `revision`, one item per commit, in order, without gaps.
   * Watching begins with the call. Ends when `signal` fires.
   * @throws CoordinationError `compacted` while iterating, when the store no longer has what
   *   followed `revision` or the reader fell too far behind: read again and watch from there.
   */
  watch(prefix: string, revision: number, signal: AbortSignal): AsyncIterable<Change>

  /**
   * Begins a lease. Keys put with its id are deleted when it ends.
   * @param ttlMs how long it lasts after it was granted or last kept alive. `UNTIL_CLOSE` for a
   *   lease that needs no keeping alive; only stores that see this process end grant it
   *   (`limits.leaseUntilClose`), others throw `limit`.
   * @returns its id, never given twice.
   */
  grantLease(ttlMs: number): Promise<string>

  /** Starts the time of a lease again. @throws CoordinationError `lease-not-found` when it is over. */
  keepAlive(leaseId: string): Promise<void>

  /** Ends a lease and deletes its keys now. Does nothing when it is over. */
  revokeLease(leaseId: string): Promise<void>

  /** Ends every watch and this store's `UNTIL_CLOSE` leases, and lets go of the file or connection. */
  close(): Promise<void>
}

/** The time to live of a lease that lasts until the store is closed or its process ends. */
export const UNTIL_CLOSE = Number.POSITIVE_INFINITY

/** What one commit may hold. A larger one is refused with `limit`, and nothing of it happens. */
export interface CoordinationLimits {
  /** Puts, deletes, prefix deletes and expectations together. */
  readonly operations: number
  /** Bytes of all keys and values together. */
  readonly commitBytes: number
  /** UTF-8 bytes of one key. Keys are not empty and hold no NUL. */
  readonly keyBytes: number
  /** Whether `UNTIL_CLOSE` leases are granted. */
  readonly leaseUntilClose: boolean
}

/** One key with its value. */
export interface Entry {
  readonly key: string
  readonly value: string
  /** Revision of the commit that made the key; another one after a delete and a new put. */
  readonly createRevision: number
  /** Revision of the latest commit that put the key. */
  readonly modRevision: number
}

export interface Snapshot {
  readonly entries: readonly Entry[]
  /** The store's latest revision when it was read. */
  readonly revision: number
}

/** A key that is gone. */
export interface Removal {
  readonly key: string
  readonly value: undefined
}

/** What one commit changed. */
export interface Change {
  readonly revision: number
  readonly entries: readonly (Entry | Removal)[]
}

export interface Put {
  readonly key: string
  readonly value: string
  /** Binds the key to this lease; without it the key stays until it is deleted. */
  readonly leaseId?: string
}

/** What must be true of a key for a commit to happen. 0 means that the key is absent. */
export type Expectation = { readonly modRevision: number } | { readonly createRevision: number }

/** A set of changes that happen together. No key may be touched twice. */
export interface Commit {
  readonly puts?: readonly Put[]
  /** Keys to remove. Absent ones are no error. */
  readonly deletes?: readonly string[]
  /** Removes every key that begins with one of these. */
  readonly deletePrefixes?: readonly string[]
  readonly expect?: Readonly<Record<string, Expectation>>
}

export interface CommitOutcome {
  /** False when an expectation did not hold: nothing changed. */
  readonly committed: boolean
  /** The store's latest revision, this commit included. */
  readonly revision: number
}

/** Why a store refused:
 *  `compacted` the history asked for is gone · `unreachable` the file or server failed, see `cause` ·
 *  `lease-not-found` the lease is over · `limit` larger than the store takes · `closed`. */
export type CoordinationFailure =
  | 'compacted'
  | 'unreachable'
  | 'lease-not-found'
  | 'limit'
  | 'closed'

export class CoordinationError extends Error {
  override readonly name = 'CoordinationError'
  readonly reason: CoordinationFailure

  /** @param detail a sentence that names the thing, the value and the bound. */
  constructor(reason: CoordinationFailure, detail: string, options?: { readonly cause?: unknown }) {
    super(detail, options)
    this.reason = reason
  }
}
