import type { Clock, Timers } from '../kernel/environment.ts'
import { ChangeFeed } from './change-feed.ts'
import { checkCommit, decideCommit, type StoredChange, type StoredEntry } from './commit-rules.ts'
import {
  type Change,
  type Commit,
  type CommitOutcome,
  type Coordination,
  CoordinationError,
  type CoordinationLimits,
  type Snapshot,
} from './coordination.ts'
import { LeaseClock, type LeaseState } from './lease-clock.ts'

/** Changes kept for watches that start in the past. */
const MAX_HISTORY = 1_000

const LIMITS: CoordinationLimits = {
  operations: 30_000,
  commitBytes: 16 * 1024 * 1024,
  keyBytes: 512,
  leaseUntilClose: true,
}

/** The shared truth of a broker without a disk, and of tests: gone when the process ends. */
export class MemoryCoordination implements Coordination {
  readonly limits = LIMITS
  readonly #entries = new Map<string, StoredEntry>()
  readonly #leases = new Map<string, LeaseState>()
  readonly #feed = new ChangeFeed()
  readonly #leaseClock: LeaseClock
  /** The latest changes, oldest first, without a gap up to `#revision`. */
  #history: StoredChange[] = []
  #revision = 0
  #lastLease = 0
  #closed = false

  constructor(environment: { readonly clock: Clock; readonly timers: Timers }) {
    this.#leaseClock = new LeaseClock(environment, (leaseId) => this.#endLease(leaseId))
  }

  async read(prefix: string): Promise<Snapshot> {
    this.#assertOpen()
    const entries = this.#keys(prefix).map((key) => this.#entries.get(key)!)
    return { entries, revision: this.#revision }
  }

  async commit(commit: Commit): Promise<CommitOutcome> {
    this.#assertOpen()
    checkCommit(commit, this.limits)
    for (const { leaseId } of commit.puts ?? []) {
      if (leaseId !== undefined) this.#lease(leaseId)
    }
    const change = decideCommit(
      {
        revision: this.#revision,
        get: (key) => this.#entries.get(key),
        keys: (prefix) => this.#keys(prefix),
      },
      commit,
    )
    if (change === undefined) return { committed: false, revision: this.#revision }
    if (change.entries.length > 0) this.#apply(change)
    return { committed: true, revision: this.#revision }
  }

  watch(prefix: string, revision: number, signal: AbortSignal): AsyncIterable<Change> {
    this.#assertOpen()
    const missed = this.#history.filter((change) => change.revision > revision)
    const complete = missed.length >= this.#revision - revision
    return this.#feed.watch(prefix, complete ? missed : undefined, signal)
  }

  async grantLease(ttlMs: number): Promise<string> {
    this.#assertOpen()
    this.#lastLease += 1
    const leaseId = String(this.#lastLease)
    this.#renew(leaseId, { ttlMs, renewals: 0 })
    return leaseId
  }

  async keepAlive(leaseId: string): Promise<void> {
    this.#assertOpen()
    const { ttlMs, renewals } = this.#lease(leaseId)
    this.#renew(leaseId, { ttlMs, renewals: renewals + 1 })
  }

  async revokeLease(leaseId: string): Promise<void> {
    this.#assertOpen()
    this.#endLease(leaseId)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#leaseClock.close()
    this.#feed.close()
  }

  #renew(leaseId: string, state: LeaseState): void {
    this.#leases.set(leaseId, state)
    this.#leaseClock.saw(leaseId, state)
  }

  #lease(leaseId: string): LeaseState {
    const lease = this.#leases.get(leaseId)
    if (lease === undefined) throw new CoordinationError('lease-not-found', `no lease ${leaseId}`)
    return lease
  }

  #endLease(leaseId: string): void {
    this.#leases.delete(leaseId)
    this.#leaseClock.forget(leaseId)
    const bound = [...this.#entries.values()].filter((entry) => entry.leaseId === leaseId)
    if (bound.length === 0) return
    const entries = bound.map(({ key }) => ({ key, value: undefined }))
    this.#apply({ revision: this.#revision + 1, entries })
  }

  #apply(change: StoredChange): void {
    for (const entry of change.entries) {
      if (entry.value === undefined) this.#entries.delete(entry.key)
      else this.#entries.set(entry.key, entry)
    }
    this.#revision = change.revision
    this.#history.push(change)
    if (this.#history.length > 2 * MAX_HISTORY) this.#history = this.#history.slice(-MAX_HISTORY)
    this.#feed.publish(change)
  }

  #keys(prefix: string): string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix)).sort(byBytes)
  }

  #assertOpen(): void {
    if (this.#closed) throw new CoordinationError('closed', 'the metadata store was closed')
  }
}

/** Orders keys by their UTF-8 bytes, as every store does. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
