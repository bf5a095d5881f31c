import type { Random } from '../../src/kernel/environment.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { Simulation } from '../../src/kernel/simulated-environment.ts'
import { Ledger } from './ledger.ts'
import { Machine, type Plants } from './machine.ts'
import { Trace } from './trace.ts'

/** How long bytes travel: in the same room, in the same country, across an ocean. */
const LATENCIES = [
  { fromMs: 0, toMs: 1 },
  { fromMs: 1, toMs: 20 },
  { fromMs: 40, toMs: 80 },
] as const

export interface WorldOptions {
  readonly seed: number
  readonly settings: Readonly<Record<string, string>>
  readonly plants?: Plants
  /** Told of every line of the trace at once. */
  readonly print?: (line: string) => void
}

/**
 * One simulated world: a broker's machine, a network, and what the clients know. Faults and clients
 * draw from seeds of their own, so that a change of the broker does not change the plan of a run.
 */
export class World {
  readonly simulation: Simulation
  readonly trace: Trace
  readonly ledger: Ledger
  readonly machine: Machine
  /** Writers finish what they have begun, and begin nothing new. */
  isEnding = false
  /** Everybody stops. */
  isOver = false
  readonly #seed: number
  #seeds = 0
  #failure: Error | undefined

  constructor({ seed, settings, plants, print }: WorldOptions) {
    this.#seed = seed
    this.simulation = new Simulation(seed, { splitReads: true, latency: LATENCIES[seed % 3]! })
    this.trace = new Trace(() => this.nowMs, print)
    this.ledger = new Ledger(() => this.nowMs)
    this.machine = new Machine({
      simulation: this.simulation,
      trace: this.trace,
      settings,
      ...(plants && { plants }),
      events: {
        up: (isWhole) => this.ledger.up(this.machine.life, isWhole),
        stopped: (isWhole) => this.ledger.stopped(isWhole),
        died: (death, isWhole) => this.ledger.died(death, isWhole),
      },
      failed: (error) => this.fail(error),
    })
  }

  /** Simulated ms since the run began. */
  get nowMs(): number {
    return this.simulation.elapsedMs
  }

  /** A stream of random numbers for one actor. */
  random(): Random {
    this.#seeds += 1
    return seededRandom(this.#seed * 1_000 + this.#seeds)
  }

  /** Ends the run. The first failure counts. */
  fail(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.trace.note('FAILURE', error.message)
  }

  /** @throws the failure of the run, if it has failed. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Lets time pass. @throws as soon as the run has failed. */
  async advance(ms: number): Promise<void> {
    const endMs = this.nowMs + ms
    for (;;) {
      this.check()
      try {
        await this.simulation.advance(endMs - this.nowMs)
        return this.check()
      } catch (error) {
        // Only what is called by a timer comes out here: the broker's own code, as a rule.
        this.machine.uncaught(error)
      }
    }
  }

  /** Lets time pass until something holds. @returns false when it does not within `limitMs`. */
  async advanceUntil(holds: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.nowMs + limitMs
    while (!holds()) {
      if (this.nowMs >= endMs) return false
      await this.advance(20)
    }
    return true
  }
}
