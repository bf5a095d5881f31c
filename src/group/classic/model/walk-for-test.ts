/** Random members join, leave, crash, pause and start again, and coordinators die, by a seed. */

import type { Random } from '../../../kernel/environment.ts'
import { seededRandom } from '../../../kernel/seeded-random.ts'
import type { Decide, Settings } from '../coordinator-for-test.ts'
import { decideClassic } from '../decide.ts'
import { ModelClient, REBALANCE_TIMEOUT_MS, SESSION_TIMEOUT_MS } from './client-for-test.ts'
import { ModelCoordinator } from './coordinator-for-test.ts'
import { guarded, tryCommit } from './guard-for-test.ts'
import { checkGroup } from './invariants-for-test.ts'
import { Ledger } from './ledger-for-test.ts'
import { must, Violation } from './violation-for-test.ts'

export interface WalkOptions {
  readonly seed: number
  readonly steps: number
  /** A group that decides otherwise: with a bug planted. */
  readonly decide?: Decide
}

/** What happened, to see that something did. */
export interface Summary {
  readonly generations: number
  readonly lives: number
  readonly clients: number
  readonly calms: number
}

const MOST_CLIENTS = 6
const INSTANCES = 3

/** What may happen besides time and the next step of a client; the more often, the likelier. */
const events = [
  'start',
  'start',
  'start',
  'crash',
  'leave',
  'pause',
  'keep busy',
  'change topics',
  /** The client believes its answer lost and joins again. */
  'lose answer',
  'commit',
  'remove instance',
] as const

/** Steps between two calms, in which everybody has to come together. */
const STEPS_TO_CALM = 200
const CALM_STEP_MS = 500
/** The longest that one wait may last: a new member whose client is gone. All others are shorter, and a
 *  few may follow each other. */
const CONVERGES_WITHIN_MS = 300_000 + 120_000
/** How long a group that came together must stay so. */
const STAYS_MS = 30_000

/** @throws Violation, naming the seed and the step. */
export function walk(options: WalkOptions): Summary {
  const model = new Walk(options)
  let step = 0
  try {
    for (; step < options.steps; step++) model.step(step)
    model.calm()
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    throw new Violation(`seed ${options.seed}, step ${step}: ${error.message}`, { cause: error })
  }
  return model.summary
}

class Walk {
  readonly #random: Random
  readonly #coordinator: ModelCoordinator
  readonly #ledger: Ledger
  #clients: ModelClient[] = []
  #started = 0
  #calms = 0

  constructor({ seed, decide = decideClassic }: WalkOptions) {
    this.#random = seededRandom(seed)
    const settings: Settings = {
      'group.initial.rebalance.delay.ms': this.#random.below(2) * 3000,
      'group.max.size': this.#random.below(4) === 0 ? 4 : 1000,
    }
    this.#coordinator = new ModelCoordinator(settings, guarded(decide))
    this.#ledger = new Ledger(this.#coordinator)
  }

  get summary(): Summary {
    return {
      generations: this.#coordinator.group?.generation ?? 0,
      lives: this.#coordinator.lives,
      clients: this.#started,
      calms: this.#calms,
    }
  }

  step(number: number): void {
    if (number % STEPS_TO_CALM === STEPS_TO_CALM - 1) this.calm()
    const dice = this.#random.below(100)
    if (dice < 55) this.#anyClientActs()
    else if (dice < 75) this.#pass(this.#random.below(2000))
    else if (dice < 85) this.#coordinator.commit()
    else if (dice < 86) this.#coordinator.die(this.#random)
    else if (dice < 88) this.#pass(this.#random.below(20_000))
    else this.#somethingHappens()
    this.#check()
  }

  /** Nothing goes wrong for a while: all living clients come to be one stable group, and stay it. */
  calm(): void {
    const startMs = this.#coordinator.nowMs
    for (const client of this.#clients) {
      client.pausedUntilMs = 0
      client.busyUntilMs = 0
    }
    // Whose session was about to expire may still lose it.
    this.#calmFor(SESSION_TIMEOUT_MS)
    while (!this.#isTogether()) {
      must(
        this.#coordinator.nowMs - startMs < CONVERGES_WITHIN_MS,
        () => `after ${CONVERGES_WITHIN_MS} ms of calm: ${this.#describe()}`,
      )
      this.#calmStep()
    }
    const generation = this.#coordinator.group?.generation
    this.#calmFor(STAYS_MS)
    must(
      this.#isTogether() && this.#coordinator.group?.generation === generation,
      () => `in calm a stable group of generation ${generation} became: ${this.#describe()}`,
    )
    this.#calms += 1
  }

  #calmFor(ms: number): void {
    for (let passedMs = 0; passedMs < ms; passedMs += CALM_STEP_MS) this.#calmStep()
  }

  #calmStep(): void {
    for (const client of this.#clients) {
      client.act()
      this.#coordinator.commit()
    }
    this.#check()
    this.#clients = this.#clients.filter((client) => !client.isGone)
    this.#pass(CALM_STEP_MS)
    this.#coordinator.commit()
    this.#check()
  }

  #isTogether(): boolean {
    const { group } = this.#coordinator
    const living = this.#clients.filter((client) => !client.isGone)
    if (living.length === 0) return (group?.members.size ?? 0) === 0
    return (
      group?.phase === 'stable' &&
      group.members.size === living.length &&
      group.pendingJoin.size === 0 &&
      group.pendingSync.size === 0 &&
      living.every(
        ({ state, generation, memberId }) =>
          state.type === 'in' && generation === group.generation && group.members.has(memberId),
      )
    )
  }

  #describe(): string {
    const { group } = this.#coordinator
    const clients = this.#clients.map(({ options, state, memberId, generation }) =>
      [options.name, state.type, memberId, generation].join(' '),
    )
    return [
      `${group?.phase} ${group?.generation} [${[...(group?.members.keys() ?? [])]}]`,
      `out: ${[...(group?.pendingJoin.keys() ?? [])]}`,
      ...clients,
    ].join('; ')
  }

  #anyClient(): ModelClient | undefined {
    return this.#clients[this.#random.below(this.#clients.length)]
  }

  #anyClientActs(): void {
    const client = this.#anyClient()
    if (client === undefined || client.isPaused) return
    client.act()
    if (client.state.type === 'joined' && this.#random.below(8) === 0) {
      client.busyUntilMs = this.#coordinator.nowMs + 3 * REBALANCE_TIMEOUT_MS
    }
  }

  #somethingHappens(): void {
    const client = this.#anyClient()
    const { nowMs } = this.#coordinator
    const event = events[this.#random.below(events.length)]!
    if (event === 'start') this.#start()
    else if (event === 'remove instance') this.#removeInstance()
    else if (client !== undefined) {
      switch (event) {
        case 'crash':
        case 'leave':
          client[event]()
          break
        case 'pause':
          client.pausedUntilMs = nowMs + this.#random.below(40_000)
          break
        case 'keep busy':
          client.busyUntilMs = nowMs + this.#random.below(60_000)
          break
        case 'change topics':
          this.#changeTopics(client)
          break
        case 'lose answer':
          if (client.memberId !== '') client.join()
          break
        case 'commit':
          this.#commit(client)
      }
    }
    this.#clients = this.#clients.filter((one) => !one.isGone)
  }

  #changeTopics(client: ModelClient): void {
    if (client.state.type !== 'in') return
    client.topics += 1
    client.join()
  }

  /** A new process: dynamic, or one of a few instances, which may be running. */
  #start(): void {
    if (this.#clients.length >= MOST_CLIENTS) return
    const random = this.#random
    this.#started += 1
    const instance = random.below(2 * INSTANCES)
    const options = {
      name: `client ${this.#started}`,
      instanceId: instance < INSTANCES ? `instance ${instance}` : null,
      version: instance < INSTANCES ? 8 + random.below(2) : 3 + random.below(7),
      protocols: random.below(3) === 0 ? ['sticky', 'range'] : ['range', 'sticky'],
    }
    this.#clients.push(new ModelClient(options, this.#coordinator, this.#ledger))
  }

  /** As administrators do it, without the member id. */
  #removeInstance(): void {
    const groupInstanceId = `instance ${this.#random.below(INSTANCES)}`
    this.#coordinator.sendLeave([{ memberId: '', groupInstanceId }])
  }

  /** As a member, or as one that was asleep for some generations. */
  #commit(client: ModelClient): void {
    const { group } = this.#coordinator
    if (group === undefined) return
    tryCommit(group, {
      memberId: client.memberId,
      instanceId: client.options.instanceId,
      generation: client.generation - this.#random.below(2) * this.#random.below(3),
      isTransactional: false,
      apiVersion: 9,
    })
  }

  /** Whose user is busy has a thread for heartbeats. */
  #pass(ms: number): void {
    this.#coordinator.advance(ms)
    for (const client of this.#clients) if (client.isBusy && !client.isPaused) client.act()
  }

  #check(): void {
    checkGroup(this.#coordinator)
  }
}
