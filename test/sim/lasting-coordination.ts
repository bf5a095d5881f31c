import type { Clock, Environment, Timers } from '../../src/kernel/environment.ts'
import {
  type Change,
  type Commit,
  type CommitOutcome,
  type Coordination,
  CoordinationError,
  type CoordinationLimits,
  type Snapshot,
} from '../../src/metadata/coordination.ts'
import { MemoryCoordination } from '../../src/metadata/memory-coordination.ts'

/** How long the store takes to write, and how long its answer takes to come: never in the same turn. */
const COMMIT_MS = 0.5
const ANSWER_MS = 0.5

/** What becomes of the next commit: it fails without having happened, or after it has. */
export type CommitFault = 'not-committed' | 'committed'

/**
 * The metadata of a simulated broker. Its real store is a file that is synced before it answers, so
 * here it outlives the broker's machine; each life of the broker has a session of its own.
 */
export class LastingCoordination {
  readonly #store: MemoryCoordination
  #sessions: Session[] = []
  #faults: CommitFault[] = []

  constructor(times: { readonly clock: Clock; readonly timers: Timers }) {
    this.#store = new MemoryCoordination(times)
  }

  /** A session of a process that has just started. Those of earlier processes are over. */
  async session(environment: Environment): Promise<Coordination> {
    await this.endSessions()
    const session = new Session(this.#store, environment, () => this.#faults.shift())
    this.#sessions.push(session)
    return session
  }

  /** The processes of all sessions have ended: what lasted until then is gone. */
  async endSessions(): Promise<void> {
    for (const session of this.#sessions.splice(0)) await session.end()
  }

  /** The next commit that has no fault yet fails. */
  fail(fault: CommitFault): void {
    this.#faults.push(fault)
  }

  get willFail(): boolean {
    return this.#faults.length > 0
  }

  heal(): void {
    this.#faults = []
  }
}

class Session implements Coordination {
  readonly limits: CoordinationLimits
  readonly #store: MemoryCoordination
  readonly #environment: Environment
  readonly #nextFault: () => CommitFault | undefined
  readonly #leases: string[] = []
  readonly #ended = new AbortController()

  constructor(
    store: MemoryCoordination,
    environment: Environment,
    nextFault: () => CommitFault | undefined,
  ) {
    this.limits = store.limits
    this.#store = store
    this.#environment = environment
    this.#nextFault = nextFault
  }

  async read(prefix: string): Promise<Snapshot> {
    await this.#pass(ANSWER_MS)
    return this.#store.read(prefix)
  }

  async commit(commit: Commit): Promise<CommitOutcome> {
    await this.#pass(COMMIT_MS)
    const fault = this.#nextFault()
    if (fault === 'not-committed') throw unreachable()
    const outcome = await this.#store.commit(commit)
    await this.#pass(ANSWER_MS)
    if (fault === 'committed') throw unreachable()
    return outcome
  }

  watch(prefix: string, revision: number, signal: AbortSignal): AsyncIterable<Change> {
    this.#assertOpen()
    const both = AbortSignal.any([signal, this.#ended.signal])
    return this.#store.watch(prefix, revision, both)
  }

  async grantLease(ttlMs: number): Promise<string> {
    const leaseId = await this.#store.grantLease(ttlMs)
    this.#leases.push(leaseId)
    return leaseId
  }

  keepAlive(leaseId: string): Promise<void> {
    return this.#store.keepAlive(leaseId)
  }

  revokeLease(leaseId: string): Promise<void> {
    return this.#store.revokeLease(leaseId)
  }

  close(): Promise<void> {
    return this.end()
  }

  async end(): Promise<void> {
    this.#ended.abort()
    for (const leaseId of this.#leases.splice(0)) await this.#store.revokeLease(leaseId)
  }

  /** Lets time pass. In a process that dies meanwhile the call never ends. */
  async #pass(ms: number): Promise<void> {
    this.#assertOpen()
    const { clock, timers } = this.#environment
    await new Promise<void>((resolve) => timers.at(clock.monotonic() + ms, resolve))
  }

  #assertOpen(): void {
    if (this.#ended.signal.aborted) throw new CoordinationError('closed', 'the session is over')
  }
}

function unreachable(): CoordinationError {
  return new CoordinationError('unreachable', 'a fault of the simulation')
}
