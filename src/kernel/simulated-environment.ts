import type { Clock, Environment, Network, Random, Timer, Timers } from './environment.ts'
import { MemoryDisk, type MemoryDiskOptions } from './memory-disk.ts'
import { MemoryNetwork, type MemoryNetworkOptions } from './memory-network.ts'
import { nextTurn } from './real-clock.ts'
import { seededRandom } from './seeded-random.ts'
import { TimerHeap } from './timer-heap.ts'
import { TurnQueue } from './turn-queue.ts'

/**
 * A world in which time passes only when it is told to: whole brokers run in it in one process, the
 * same way for the same seed, hours within seconds. Work that leaves the process's own promises (a
 * thread pool, a child process) does not belong in it: its end would not be the same each time.
 */
export class Simulation {
  readonly random: Random
  readonly network: MemoryNetwork
  readonly #heap = new TimerHeap()
  readonly #turns = new TurnQueue(() => {})
  #elapsedMs = 0

  constructor(seed: number, network: Partial<MemoryNetworkOptions> = {}) {
    this.random = seededRandom(seed)
    this.network = new MemoryNetwork({
      clock: this.clock(() => 0),
      timers: this.timers(() => true),
      random: this.random,
      ...network,
    })
  }

  /** Ms since the simulation began. */
  get elapsedMs(): number {
    return this.#elapsedMs
  }

  host(name: string): SimulatedHost {
    return new SimulatedHost(this, name)
  }

  /** Lets `ms` pass and runs everything that becomes due. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms
    while (await this.#step(endMs)) {}
    this.#elapsedMs = endMs
  }

  /**
   * Lets time pass until `promise` settles, and gives its result.
   * @throws when it has not settled after `limitMs`, or when nothing is left that could settle it.
   */
  async until<T>(promise: Promise<T>, limitMs = 3_600_000): Promise<T> {
    let settled = false
    const watch = promise.finally(() => {
      settled = true
    })
    watch.catch(() => {})
    const endMs = this.#elapsedMs + limitMs
    while (await this.#step(endMs, () => settled)) {}
    if (!settled)
      throw new Error(`not settled after ${limitMs} simulated ms, or nothing left to do`)
    return watch
  }

  clock(wallOffsetMs: () => number): Clock {
    return {
      now: () => Math.floor(START_MS + this.#elapsedMs + wallOffsetMs()),
      monotonic: () => this.#elapsedMs,
    }
  }

  /** Timers that run while `isAlive`. */
  timers(isAlive: () => boolean): Timers {
    const guarded = (run: () => void) => () => {
      if (isAlive()) run()
    }
    return {
      at: (dueMs, run): Timer => this.#heap.add(dueMs, guarded(run)),
      afterTurn: (run) => this.#turns.add(guarded(run)),
    }
  }

  /** Runs one event and what follows from it at once. @returns whether there was one until `endMs`. */
  async #step(endMs: number, isEnough?: () => boolean): Promise<boolean> {
    await this.#settle()
    if (isEnough?.()) return false
    const dueMs = this.#heap.nextDueMs()
    if (dueMs > endMs) return false
    this.#elapsedMs = Math.max(this.#elapsedMs, dueMs)
    this.#heap.takeDue(this.#elapsedMs)?.()
    return true
  }

  /** Lets promises and calls after the turn run until there are none. */
  async #settle(): Promise<void> {
    for (let round = 0; round < MAX_SETTLE_ROUNDS; round++) {
      await nextTurn()
      if (this.#turns.size === 0) return
      this.#turns.drain()
    }
    throw new Error(
      `calls after the turn still follow one another after ${MAX_SETTLE_ROUNDS} rounds`,
    )
  }
}

/** One machine of a simulation: it can crash, lose what it has not synced, and start again. */
export class SimulatedHost {
  readonly name: string
  /** Added to its wall clock. May be changed at any time. */
  wallOffsetMs = 0
  readonly #simulation: Simulation
  #disk: MemoryDisk
  #life = 0

  constructor(simulation: Simulation, name: string) {
    this.#simulation = simulation
    this.name = name
    this.#disk = new MemoryDisk(this.#diskOptions())
  }

  /** The disk of the present life. */
  get disk(): MemoryDisk {
    return this.#disk
  }

  /** What a process started on this machine now is given. */
  environment(): Environment {
    return {
      ...this.#times(),
      random: this.#simulation.random,
      disk: this.#disk,
      network: this.#network(),
    }
  }

  /** The process is killed: timers never run, connections reset, everything written stays. */
  kill(): void {
    this.#end()
    this.#disk = this.#disk.abandon(this.#diskOptions())
  }

  /** The power fails: timers never run, connections reset, unsynced bytes are forgotten in part. */
  crash(): void {
    this.#end()
    this.#disk = this.#disk.crash(this.#simulation.random, this.#diskOptions())
  }

  /** The network as a process sees it; what it asks for once it is dead never comes. */
  #network(): Network {
    const life = this.#life
    const network = this.#simulation.network.of(this.name)
    const never = new Promise<never>(() => {})
    const isAlive = () => this.#life === life
    return {
      listen: (options, accept) => (isAlive() ? network.listen(options, accept) : never),
      connect: (host, port, signal) => (isAlive() ? network.connect(host, port, signal) : never),
    }
  }

  #end(): void {
    this.#life++
    this.#simulation.network.crash(this.name)
  }

  #diskOptions(): MemoryDiskOptions {
    return { ...this.#times(), crashable: true }
  }

  #times(): { clock: Clock; timers: Timers } {
    const life = this.#life
    return {
      clock: this.#simulation.clock(() => this.wallOffsetMs),
      timers: this.#simulation.timers(() => this.#life === life),
    }
  }
}

/** Simulated wall clocks begin at 2026-01-01 00:00 UTC. */
const START_MS = 1_767_225_600_000
const MAX_SETTLE_ROUNDS = 10_000
