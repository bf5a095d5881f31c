import path from 'node:path'
import type { RootDatabase } from 'lmdb'
import { InvariantError } from '../kernel/assert.ts'
import type { Environment, Timer } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
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
import { fileProblem } from './embedded-file.ts'
import {
  EMPTY_META,
  FORMAT,
  HISTORY_ROW,
  historyRow,
  KEY_ROW,
  LEASE_ROW,
  META_ROW,
  type Meta,
  readChange,
  readEntry,
  readLease,
  writeChange,
  writeEntry,
  writeLease,
} from './embedded-rows.ts'
import { LeaseClock, type LeaseState } from './lease-clock.ts'

/** Changes kept for watches that start in the past: at most so many … */
const MAX_HISTORY = 1_000
/** … and, beyond the latest, at most so many characters. */
const MAX_HISTORY_SIZE = 16 * 1024 * 1024

export interface EmbeddedOptions {
  /** The store's file. `<path>-lock` appears beside it. */
  readonly path: string
  /**
   * `exclusive`: this process alone has the file open (it holds the lock of the log directory), so
   * nothing wakes up to look for changes, and leases left by the process before it end at once.
   * `shared`: several processes have it open; each looks for the others' changes.
   */
  readonly sharing: 'exclusive' | 'shared'
  /** Ms between two looks at the others' changes, when shared. */
  readonly pollMs: number
}

/**
 * The shared truth of one machine, in one LMDB file. Commits are synced before they are reported and
 * safe between processes; a crash of the process or the machine leaves the last commit whole.
 * A commit blocks the loop for the time of its sync (two writes), which is why only metadata lives
 * here. LMDB reaches its file by itself: docs/decisions/0003-embedded-coordination.md.
 */
export class EmbeddedCoordination implements Coordination {
  readonly limits: CoordinationLimits
  readonly #db: RootDatabase<string, string>
  readonly #environment: Environment
  readonly #logger: Logger
  readonly #options: EmbeddedOptions
  readonly #feed = new ChangeFeed()
  readonly #leaseClock: LeaseClock
  readonly #leasesUntilClose = new Set<string>()
  /** The revision up to which watches have been told. */
  #told: number
  #poll: Timer | undefined
  #closed = false

  /**
   * Opens the file, making it when absent. Loads LMDB (20–35 ms of start-up, so only here).
   * @throws CoordinationError `unreachable` when the file cannot be used, with the cause; also when
   *   a newer version has written it.
   */
  static async open(
    environment: Environment,
    logger: Logger,
    options: EmbeddedOptions,
  ): Promise<EmbeddedCoordination> {
    const existed = environment.disk.stat(options.path) !== undefined
    try {
      const problem = fileProblem(environment.disk, options.path)
      if (problem !== undefined) throw new Error(problem)
      const { open } = await import('lmdb')
      const db = open<string, string>({
        path: options.path,
        noSubdir: true,
        encoding: 'string',
        cache: false,
        maxDbs: 1,
        // Each commit waits for its own sync: the only mode whose failures are thrown to the caller.
        overlappingSync: false,
      })
      if (!existed) environment.disk.syncDirectory(path.dirname(options.path))
      return new EmbeddedCoordination(db, environment, logger, options)
    } catch (cause) {
      throw unreachable(options.path, cause)
    }
  }

  private constructor(
    db: RootDatabase<string, string>,
    environment: Environment,
    logger: Logger,
    options: EmbeddedOptions,
  ) {
    this.#db = db
    this.#environment = environment
    this.#logger = logger
    this.#options = options
    this.limits = {
      operations: 30_000,
      commitBytes: 16 * 1024 * 1024,
      keyBytes: 512,
      leaseUntilClose: options.sharing === 'exclusive',
    }
    const { format, revision } = this.#meta()
    if (format > FORMAT) throw new Error(`it has format ${format}; this version reads ${FORMAT}`)
    this.#told = revision
    this.#leaseClock = new LeaseClock(environment, (id, state) => this.#leaseRanOut(id, state))
    if (options.sharing === 'shared') this.#look()
    else for (const [leaseId] of this.#leases()) this.#endLease(leaseId)
  }

  async read(prefix: string): Promise<Snapshot> {
    return this.#access(() => {
      this.#db.resetReadTxn()
      const entries: StoredEntry[] = []
      for (const [key, row] of this.#rows(KEY_ROW + prefix)) {
        entries.push(readEntry(key.slice(KEY_ROW.length), row))
      }
      return { entries, revision: this.#meta().revision }
    })
  }

  async commit(commit: Commit): Promise<CommitOutcome> {
    checkCommit(commit, this.limits)
    return this.#write((meta) => {
      for (const { leaseId } of commit.puts ?? []) {
        if (leaseId !== undefined) this.#lease(leaseId)
      }
      const change = decideCommit(
        {
          revision: meta.revision,
          get: (key) => this.#entry(key),
          keys: (prefix) => this.#keys(prefix),
        },
        commit,
      )
      if (change === undefined) return { committed: false, revision: meta.revision }
      this.#apply(meta, change)
      return { committed: true, revision: change.revision }
    })
  }

  watch(prefix: string, revision: number, signal: AbortSignal): AsyncIterable<Change> {
    return this.#access(() => {
      this.#tell()
      const { oldest } = this.#meta()
      if (revision + 1 < oldest) return this.#feed.watch(prefix, undefined, signal)
      const missed: Change[] = []
      for (let at = revision + 1; at <= this.#told; at++) missed.push(this.#change(at))
      return this.#feed.watch(prefix, missed, signal)
    })
  }

  async grantLease(ttlMs: number): Promise<string> {
    const untilClose = !Number.isFinite(ttlMs)
    if (untilClose && !this.limits.leaseUntilClose) {
      throw new CoordinationError('limit', 'a shared file cannot see which of its processes ended')
    }
    const leaseId = this.#write((meta) => {
      const id = String(meta.lastLease + 1)
      this.#db.putSync(LEASE_ROW + id, writeLease({ ttlMs, renewals: 0 }))
      this.#db.putSync(META_ROW, JSON.stringify({ ...meta, lastLease: meta.lastLease + 1 }))
      return id
    })
    if (untilClose) this.#leasesUntilClose.add(leaseId)
    this.#leaseClock.saw(leaseId, { ttlMs, renewals: 0 })
    return leaseId
  }

  async keepAlive(leaseId: string): Promise<void> {
    const state = this.#write(() => {
      const { ttlMs, renewals } = this.#lease(leaseId)
      const renewed = { ttlMs, renewals: renewals + 1 }
      this.#db.putSync(LEASE_ROW + leaseId, writeLease(renewed))
      return renewed
    })
    this.#leaseClock.saw(leaseId, state)
  }

  async revokeLease(leaseId: string): Promise<void> {
    this.#endLease(leaseId)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    for (const leaseId of this.#leasesUntilClose) this.#endLease(leaseId)
    this.#closed = true
    this.#poll?.cancel()
    this.#leaseClock.close()
    this.#feed.close()
    await this.#db.close()
  }

  #leaseRanOut(leaseId: string, seen: LeaseState): void {
    try {
      this.#endLease(leaseId, seen)
    } catch (error) {
      this.#leaseClock.forget(leaseId)
      this.#leaseClock.saw(leaseId, seen)
      this.#logger.error({ leaseId, error }, 'Could not end a lease; trying again.')
    }
  }

  /** @param seen ends it only when it was not renewed since. */
  #endLease(leaseId: string, seen?: LeaseState): void {
    const ended = this.#write((meta) => {
      const row = this.#db.get(LEASE_ROW + leaseId)
      if (row !== undefined && seen && readLease(row).renewals !== seen.renewals) return false
      if (row === undefined) return true
      this.#db.removeSync(LEASE_ROW + leaseId)
      const entries = this.#keys('')
        .filter((key) => this.#entry(key)?.leaseId === leaseId)
        .map((key) => ({ key, value: undefined }))
      if (entries.length > 0) this.#apply(meta, { revision: meta.revision + 1, entries })
      return true
    })
    if (!ended) return
    this.#leaseClock.forget(leaseId)
    this.#leasesUntilClose.delete(leaseId)
  }

  /** Writes a change and its place in the history. Runs inside a write. */
  #apply(meta: Meta, change: StoredChange): void {
    if (change.entries.length === 0) return
    for (const entry of change.entries) {
      if (entry.value === undefined) this.#db.removeSync(KEY_ROW + entry.key)
      else this.#db.putSync(KEY_ROW + entry.key, writeEntry(entry))
    }
    const { revision } = change
    const row = writeChange(change)
    this.#db.putSync(historyRow(revision), row)
    let { oldest, historySize } = meta
    historySize += row.length
    while (
      oldest < revision &&
      (revision - oldest >= MAX_HISTORY || historySize > MAX_HISTORY_SIZE)
    ) {
      historySize -= this.#db.get(historyRow(oldest))?.length ?? 0
      this.#db.removeSync(historyRow(oldest))
      oldest += 1
    }
    this.#db.putSync(META_ROW, JSON.stringify({ ...meta, revision, oldest, historySize }))
  }

  /** Looks for what other processes did, now and again after `pollMs`. */
  #look(): void {
    try {
      this.#access(() => {
        this.#tell()
        const leases = new Map(this.#leases())
        for (const leaseId of this.#leaseClock.ids()) {
          if (!leases.has(leaseId)) this.#leaseClock.forget(leaseId)
        }
        for (const [leaseId, state] of leases) this.#leaseClock.saw(leaseId, state)
      })
    } catch (error) {
      this.#logger.error({ error }, 'Could not look for changes of other processes; trying again.')
    }
    const { clock, timers } = this.#environment
    this.#poll = timers.at(clock.monotonic() + this.#options.pollMs, () => this.#look())
  }

  /** Tells the watches what they have not been told. */
  #tell(): void {
    this.#db.resetReadTxn()
    const { revision, oldest } = this.#meta()
    if (this.#told + 1 < oldest) this.#feed.lost()
    const from = Math.max(this.#told + 1, oldest)
    if (this.#feed.watched) {
      for (let at = from; at <= revision; at++) this.#feed.publish(this.#change(at))
    }
    this.#told = revision
  }

  /** Runs `body` as one synced transaction, then tells the watches. Nothing is kept when it throws. */
  #write<T>(body: (meta: Meta) => T): T {
    return this.#access(() => {
      const result = this.#db.transactionSync(() => body(this.#meta()))
      this.#tell()
      return result
    })
  }

  #access<T>(body: () => T): T {
    if (this.#closed) throw new CoordinationError('closed', 'the metadata store was closed')
    try {
      return body()
    } catch (error) {
      if (error instanceof CoordinationError || error instanceof InvariantError) throw error
      throw unreachable(this.#options.path, error)
    }
  }

  #meta(): Meta {
    const row = this.#db.get(META_ROW)
    // Written by this class alone; `format` says by which version.
    return row === undefined ? EMPTY_META : (JSON.parse(row) as Meta)
  }

  #entry(key: string): StoredEntry | undefined {
    const row = this.#db.get(KEY_ROW + key)
    return row === undefined ? undefined : readEntry(key, row)
  }

  #lease(leaseId: string): LeaseState {
    const row = this.#db.get(LEASE_ROW + leaseId)
    if (row === undefined) throw new CoordinationError('lease-not-found', `no lease ${leaseId}`)
    return readLease(row)
  }

  #change(revision: number): StoredChange {
    const row = this.#db.get(historyRow(revision))
    if (row === undefined) {
      throw new InvariantError(`${HISTORY_ROW} row of revision ${revision} is missing`)
    }
    return readChange(row)
  }

  #leases(): [leaseId: string, state: LeaseState][] {
    return this.#rows(LEASE_ROW).map(([key, row]) => [key.slice(LEASE_ROW.length), readLease(row)])
  }

  #keys(prefix: string): string[] {
    return this.#rows(KEY_ROW + prefix).map(([key]) => key.slice(KEY_ROW.length))
  }

  /** The rows whose key begins with `prefix`, in order. */
  #rows(prefix: string): [key: string, row: string][] {
    const rows: [string, string][] = []
    for (const { key, value } of this.#db.getRange({ start: prefix })) {
      if (!key.startsWith(prefix)) break
      rows.push([key, value])
    }
    return rows
  }
}

function unreachable(file: string, cause: unknown): CoordinationError {
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new CoordinationError('unreachable', `the metadata file ${file}: ${detail}`, { cause })
}
