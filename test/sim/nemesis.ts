import type { DiskOperation } from '../../src/kernel/disk-faults.ts'
import type { Random } from '../../src/kernel/environment.ts'
import type { Actor } from './actor.ts'
import { BROKER_HOST, type Death, LOG_DIRS } from './machine.ts'
import type { World } from './world.ts'

const LONGEST_STEP_MS = 250
const LONGEST_DOWN_MS = 2_500
const LONGEST_CUT_MS = 4_000
/** How long a broker goes on without being heard before it ends. */
const MUTE_MS = 300
/** A death at a disk call comes within so many of them. */
const LAST_CALL_WITHIN = 150
/** The wall clock stays within this of the true time: records of a wilder future are refused. */
const MOST_CLOCK_OFFSET_MS = 1_500_000

const OPERATIONS: readonly DiskOperation[] = [
  'write',
  'write',
  'sync',
  'sync',
  'open',
  'rename',
  'truncate',
  'syncDirectory',
  'read',
  'stat',
  'list',
  'remove',
  'makeDirectory',
]

/** What goes wrong, and when: one fault per step at most, chosen by the seed. */
export class Nemesis {
  readonly #world: World
  readonly #random: Random
  readonly #actors: readonly Actor[]
  readonly #cuts = new Map<string, number>()
  #upAgainMs = 0
  #endsAtMs = Number.POSITIVE_INFINITY
  #endSlowness: (() => void) | undefined

  constructor(world: World, actors: readonly Actor[]) {
    this.#world = world
    this.#random = world.random()
    this.#actors = actors
  }

  /** One step: lets some time pass, then does something, or nothing. */
  async step(): Promise<void> {
    const { machine } = this.#world
    await this.#world.advance(this.#random.below(LONGEST_STEP_MS))
    this.#join()
    if (machine.state === 'down') this.#whileDown()
    else if (this.#world.nowMs >= this.#endsAtMs) this.#end()
    else if (machine.isTainted && this.#random.below(4) === 0) this.#end()
    else this.#act()
  }

  /** Takes everything back that goes on. */
  heal(): void {
    const { machine, simulation } = this.#world
    machine.coordination.heal()
    for (const name of this.#cuts.keys()) simulation.network.join(BROKER_HOST, name)
    this.#cuts.clear()
  }

  /** Does something, at about every second step. */
  #act(): void {
    const deeds: readonly (readonly [weight: number, deed: () => void])[] = [
      [45, () => {}],
      [13, () => this.#end()],
      [8, () => this.#endAtCall()],
      [10, () => this.#cut()],
      [4, () => this.#muteAndEnd()],
      [8, () => this.#drop()],
      [4, () => this.#breakDisk()],
      [4, () => this.#slowDown()],
      [5, () => this.#jump()],
      [3, () => this.#failCommits()],
    ]
    let at = this.#random.below(deeds.reduce((sum, [weight]) => sum + weight, 0))
    for (const [weight, deed] of deeds) {
      at -= weight
      if (at < 0) {
        deed()
        return
      }
    }
  }

  #whileDown(): void {
    const { machine, nowMs } = this.#world
    this.#upAgainMs ||= nowMs + this.#random.below(LONGEST_DOWN_MS)
    // The power may fail after the process was killed, too.
    if (this.#random.below(10) === 0) machine.die('power cut')
    if (nowMs < this.#upAgainMs) return
    this.#upAgainMs = 0
    machine.start()
    const kind = this.#random.below(10)
    if (kind === 0) this.#breakDisk()
    if (kind === 1 || kind === 2) this.#endAtCall()
  }

  #end(): void {
    const { machine } = this.#world
    this.#endsAtMs = Number.POSITIVE_INFINITY
    const kind = this.#random.below(3)
    if (kind === 0 && machine.state === 'up') machine.stop()
    else machine.die(this.#death())
  }

  #endAtCall(): void {
    const count = 1 + this.#random.below(LAST_CALL_WITHIN)
    const death = this.#death()
    this.#note(`${death} at disk call ${count}`)
    this.#world.machine.dieAtCall(count, death)
  }

  #death(): Death {
    return this.#random.below(2) === 0 ? 'kill' : 'power cut'
  }

  /** Bytes between the broker and a client wait: in both directions, or only the answers. */
  #cut(): void {
    const { name } = this.#oneOf(this.#actors)
    const untilMs = this.#world.nowMs + this.#random.below(LONGEST_CUT_MS)
    if (this.#random.below(2) === 0) this.#mute(name, untilMs)
    else {
      this.#world.simulation.network.cut(BROKER_HOST, name)
      this.#cuts.set(name, untilMs)
      this.#note(`cuts ${name} off`)
    }
  }

  #mute(name: string, untilMs: number): void {
    this.#world.simulation.network.mute(BROKER_HOST, name)
    this.#cuts.set(name, untilMs)
    this.#note(`keeps back what ${name} is answered`)
  }

  /** The broker works on and nobody hears of it; then it ends. */
  #muteAndEnd(): void {
    const { nowMs } = this.#world
    const lastMs = nowMs + MUTE_MS
    for (const { name } of this.#actors) this.#mute(name, lastMs + this.#random.below(MUTE_MS))
    this.#endsAtMs = lastMs
  }

  #join(): void {
    const { simulation, nowMs } = this.#world
    for (const [name, untilMs] of this.#cuts) {
      if (untilMs > nowMs) continue
      this.#cuts.delete(name)
      simulation.network.join(BROKER_HOST, name)
      this.#note(`joins ${name}`)
    }
  }

  #drop(): void {
    const actor = this.#oneOf(this.#actors)
    this.#note(`drops the connection of ${actor.name}`)
    actor.drop()
  }

  /** The disk below one log directory fails at some call, once or from then on. */
  #breakDisk(): void {
    const directory = this.#oneOf(LOG_DIRS)
    const operation = this.#oneOf(OPERATIONS)
    const code = operation === 'write' && this.#random.below(2) === 0 ? 'ENOSPC' : 'EIO'
    const after = this.#random.below(30)
    const path = new RegExp(`^${directory}(/|$)`)
    const isLasting = this.#random.below(2) === 0
    this.#note(`${code} below ${directory} at ${operation} ${after}${isLasting ? ', lasting' : ''}`)
    this.#world.machine.addFault({
      operation,
      path,
      after,
      code,
      ...(isLasting ? {} : { times: 1 }),
    })
  }

  #slowDown(): void {
    this.#endSlowness?.()
    const syncMs = 5 + this.#random.below(300)
    this.#note(`every sync takes ${syncMs} ms more`)
    const { host } = this.#world.machine
    this.#endSlowness = host.disk.faults.add({ operation: 'sync', delayMs: syncMs, times: 50 })
  }

  #jump(): void {
    const { host } = this.#world.machine
    const offsetMs = this.#random.below(2 * MOST_CLOCK_OFFSET_MS) - MOST_CLOCK_OFFSET_MS
    this.#note(`sets the wall clock ${offsetMs} ms off`)
    host.wallOffsetMs = offsetMs
  }

  #failCommits(): void {
    const fault = this.#oneOf(['not-committed', 'committed'] as const)
    this.#note(`the next commit of metadata fails: ${fault}`)
    this.#world.machine.failCommit(fault)
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[this.#random.below(choices.length)]!
  }

  #note(what: string): void {
    this.#world.trace.note('nemesis', what)
  }
}
