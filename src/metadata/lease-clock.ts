import type { Clock, Timer, Timers } from '../kernel/environment.ts'

/** What is known of one lease. */
export interface LeaseState {
  /** Ms between two keep-alives at most; Infinity for one that never runs out. */
  readonly ttlMs: number
  /** How often it was kept alive. */
  readonly renewals: number
}

interface Watched extends LeaseState {
  readonly timer: Timer | undefined
}

/**
 * Notices leases that were not kept alive. It compares no clocks between processes: a lease is over
 * when this process has not seen its count of renewals change for the lease's whole time to live.
 */
export class LeaseClock {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #expired: (leaseId: string, state: LeaseState) => void
  readonly #watched = new Map<string, Watched>()

  /** @param expired told once per lease that ran out, with the state that was seen last. */
  constructor(
    environment: { readonly clock: Clock; readonly timers: Timers },
    expired: (leaseId: string, state: LeaseState) => void,
  ) {
    this.#clock = environment.clock
    this.#timers = environment.timers
    this.#expired = expired
  }

  /** The ids that are watched. */
  ids(): string[] {
    return [...this.#watched.keys()]
  }

  /** Notes a lease as the store shows it now. Its time starts again when it was renewed. */
  saw(leaseId: string, state: LeaseState): void {
    const known = this.#watched.get(leaseId)
    if (known?.renewals === state.renewals) return
    known?.timer?.cancel()
    const { ttlMs, renewals } = state
    const dueMs = this.#clock.monotonic() + ttlMs
    const timer = Number.isFinite(ttlMs)
      ? this.#timers.at(dueMs, () => this.#expired(leaseId, state))
      : undefined
    this.#watched.set(leaseId, { ttlMs, renewals, timer })
  }

  /** Stops watching a lease that is over. */
  forget(leaseId: string): void {
    this.#watched.get(leaseId)?.timer?.cancel()
    this.#watched.delete(leaseId)
  }

  close(): void {
    for (const leaseId of this.ids()) this.forget(leaseId)
  }
}
