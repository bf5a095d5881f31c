/** A consumer group with clients that do and suffer everything by a seed, and the rules that hold
 *  throughout. */

import { seededRandom } from '../../../kernel/seeded-random.ts'
import { KafkaError } from '../../../protocol/errors.ts'
import { checkConsumerCommit } from '../commit-check.ts'
import { type Decide, TestCoordinator, topicId } from '../coordinator-for-test.ts'
import { decideConsumer } from '../decide.ts'
import { type ConsumerMember, JOINS } from '../group.ts'
import { holdsAll } from '../partitions.ts'
import { type Claim, ModelClient, split, type Wish } from './client-for-test.ts'
import {
  CompactedLog,
  checkDerived,
  checkOwners,
  checkReplay,
  checkSettled,
  must,
  Violation,
} from './rules-for-test.ts'

const MAX_CLIENTS = 7
const MAX_PARTITIONS = 6
const TOPICS = ['books', 'blogs', 'films', 'songs']
const PATTERNS = ['b.*', '.*s', 'x.*']
const INSTANCES = ['one', 'two', 'three']
const HEARTBEAT_MS = 5000
/** Steps after which all is healed and must come to rest. */
const STEPS_BETWEEN_RESTS = 120
/** Heartbeats of everybody in which whoever is dead or stuck is found out … */
const BEATS_TO_HEAL = 30
/** … and in which the others must then be at their targets. */
const BEATS_TO_SETTLE = 8
const TRACE_LINES = 30

export interface ModelOptions {
  readonly seed: number
  readonly steps: number
  /** Planted bugs are put around these. */
  readonly decide?: Decide
  readonly mayCommit?: typeof checkConsumerCommit
}

/** Runs a group for so many steps. @throws Violation with the seed and what happened last. */
export function runModel(options: ModelOptions): void {
  const model = new Model(options)
  let step = 0
  try {
    for (; step < options.steps; step++) {
      model.step()
      if (step % STEPS_BETWEEN_RESTS === STEPS_BETWEEN_RESTS - 1) model.rest()
    }
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause)
    const lines = [`seed ${options.seed}, step ${step}: ${what}`, ...model.trace]
    throw new Violation(lines.join('\n'), { cause })
  }
}

class Model {
  readonly trace: string[] = []
  readonly #coordinator: TestCoordinator
  readonly #log = new CompactedLog()
  readonly #mayCommit: typeof checkConsumerCommit
  readonly #below: (limit: number) => number
  readonly #claims: Claim[] = []
  readonly #lives = new Map<string, number>()
  #clients: ModelClient[] = []
  #clientCount = 0

  constructor({ seed, decide = decideConsumer, mayCommit = checkConsumerCommit }: ModelOptions) {
    const { below } = seededRandom(seed)
    const intervalMs = [0, 1000, 3000][below(3)]!
    const settings = { group: { 'consumer.assignment.interval.ms': intervalMs } }
    this.#below = below
    this.#mayCommit = mayCommit
    this.#coordinator = new TestCoordinator({ books: 3, films: 2 }, settings, decide)
  }

  /** One thing happens, and the rules are looked at. */
  step(): void {
    this.#pick(this.#acts)?.call(this)
    this.#look()
  }

  /** Nothing goes wrong for a while: who is dead or stuck is found out, everybody else settles, also on
   *  topics that go on changing. */
  rest(): void {
    this.#note('all is healed')
    for (const client of this.#clients) client.pausedUntilMs = 0
    for (let beat = 0; beat < BEATS_TO_HEAL; beat++) this.#everybodyBeats()
    for (const client of this.#living()) {
      const state = this.#coordinator.member(client.memberId)?.state
      const isOverdue = client.isStuck && state === 'unrevoked-partitions'
      must(!isOverdue, `${client.memberId} lets nothing go and is still a member`)
      client.isStuck = false
    }
    this.#someTopicChanges()
    for (let beat = 0; beat < BEATS_TO_SETTLE; beat++) {
      for (const [client, error] of this.#everybodyBeats()) {
        must(error === undefined, `${client.memberId} does all right and hears ${error}`)
      }
    }
    checkSettled(this.#coordinator, this.#clients)
  }

  #everybodyBeats() {
    this.#advance(HEARTBEAT_MS)
    const results = this.#living().map((client) => {
      client.take()
      const result = [client, this.#beat(client, false)] as const
      client.take()
      return result
    })
    this.#look()
    return results
  }

  /** What may happen, the frequent more than once. */
  readonly #acts = [
    ...Array<() => void>(8).fill(this.#anyoneBeats),
    ...Array<() => void>(5).fill(this.#anyoneFollows),
    ...Array<() => void>(3).fill(this.#timePasses),
    ...Array<() => void>(2).fill(this.#someoneComes),
    ...Array<() => void>(3).fill(this.#someoneCommits),
    this.#someoneCommitsLate,
    this.#someHeartbeatComesLate,
    this.#someoneLeaves,
    this.#someoneDies,
    this.#someoneHangs,
    this.#someoneRestarts,
    this.#someoneAsksForMore,
    this.#someTopicChanges,
    this.#coordinatorMoves,
  ]

  #anyoneBeats(): void {
    const client = this.#anyone()
    if (client !== undefined) this.#beat(client, this.#below(12) === 0)
  }

  #anyoneFollows(): void {
    const client = this.#anyone()
    if (this.#below(3) === 0) client?.giveUp()
    else client?.take()
  }

  #timePasses(): void {
    this.#advance(this.#below(4000))
  }

  #someoneComes(): void {
    if (this.#living().length >= MAX_CLIENTS) return
    const isStatic = this.#below(3) === 0
    this.#start(isStatic ? one(INSTANCES, this.#below) : null)
  }

  #someoneLeaves(): void {
    const client = this.#anyone()
    client?.leave(this.#coordinator, client.instanceId !== null && this.#below(2) === 0)
    if (client !== undefined) this.#note(`${client.memberId} leaves`)
  }

  #someoneDies(): void {
    const client = this.#anyone()
    client?.die()
    if (client !== undefined) this.#note(`${client.memberId} dies`)
  }

  /** It does nothing at all for a while, or heartbeats and holds on to what it has. */
  #someoneHangs(): void {
    const client = this.#anyone()
    if (client === undefined) return
    if (this.#below(2) === 0) client.isStuck = true
    else client.pausedUntilMs = this.#coordinator.nowMs + this.#below(90_000)
    this.#note(`${client.memberId} ${client.isStuck ? 'is stuck' : 'pauses'}`)
  }

  #someoneRestarts(): void {
    const client = this.#pick(this.#living().filter(({ instanceId }) => instanceId !== null))
    if (client === undefined) return
    client.leave(this.#coordinator, true)
    this.#start(client.instanceId, this.#below(2) === 0 ? client.wish : undefined)
  }

  #someoneAsksForMore(): void {
    const client = this.#anyone()
    client?.ask(this.#wish())
    if (client !== undefined)
      this.#note(`${client.memberId} asks for ${JSON.stringify(client.wish)}`)
  }

  #someTopicChanges(): void {
    const name = one(TOPICS, this.#below)
    const count = this.#coordinator.image.topics.get(name)?.partitions.length ?? 0
    const goes = count === MAX_PARTITIONS || (count > 0 && this.#below(3) === 0)
    if (goes) this.#lives.set(name, (this.#lives.get(name) ?? 0) + 1)
    this.#coordinator.setTopic(name, goes ? 0 : count + 1, topicId(name, this.#lives.get(name)))
    this.#note(goes ? `${name} goes` : `${name} has ${count + 1} partitions`)
  }

  #coordinatorMoves(): void {
    this.#look()
    this.#coordinator.reload(this.#log.records())
    this.#note('the coordinator is loaded')
  }

  /** A member may always commit what it consumes, as long as it is one. */
  #someoneCommits(): void {
    const client = this.#pick(this.#living())
    const key = client && this.#pick([...client.owned])
    if (client === undefined || key === undefined) return
    const { memberId, epoch } = client
    const isMember = this.#coordinator.member(memberId) !== undefined
    const isAccepted = this.#commits({ memberId, epoch, key })
    must(isAccepted === isMember, `${memberId} ${isAccepted ? 'may' : 'may not'} commit ${key}`)
  }

  /** What somebody let go of, it may not commit any more once another has it. */
  #someoneCommitsLate(): void {
    for (const client of this.#clients) this.#claims.push(...client.claims.splice(0))
    this.#claims.splice(0, this.#claims.length - 50)
    const claim = this.#pick(this.#claims)
    if (claim === undefined) return
    const { memberId, epoch, key } = claim
    const member = this.#coordinator.member(memberId)
    const isBehind = member === undefined || member.memberEpoch > epoch
    const isTaken = this.#living().some((other) => {
      const isOther = other.memberId !== memberId && other.owned.has(key)
      return isOther && this.#coordinator.member(other.memberId) !== undefined
    })
    if (!isBehind || !isTaken) return
    must(!this.#commits(claim), `${memberId} commits ${key}, which another has, in epoch ${epoch}`)
  }

  /** A heartbeat from two epochs ago, or of a member that is gone, moves nobody. */
  #someHeartbeatComesLate(): void {
    const late = this.#pick(this.#clients.flatMap(({ sent }) => sent))
    if (late === undefined || late.epoch === JOINS) return
    const { memberId, epoch, request } = late
    const member = this.#coordinator.member(memberId)
    if (member !== undefined && epoch >= member.previousMemberEpoch) return
    try {
      this.#coordinator.heartbeat(memberId, epoch, request)
    } catch (error) {
      if (error instanceof KafkaError) return
      throw error
    }
    must(false, `${memberId} beats in epoch ${epoch}, long after, and is not fenced`)
  }

  #commits({ memberId, epoch, key }: Claim): boolean {
    const { group } = this.#coordinator
    if (group === undefined) return false
    const [topicId, partition] = split(key)
    try {
      const sender = { memberId, memberEpoch: epoch, instanceId: null }
      const check = this.#mayCommit(group, { ...sender, isTransactional: false, apiVersion: 9 })
      check({ name: topicId, topicId }, partition)
      return true
    } catch (error) {
      if (error instanceof KafkaError) return false
      throw error
    }
  }

  /** Whoever is behind is fenced, and nobody else. */
  #beat(client: ModelClient, isLost: boolean) {
    const { epoch } = client
    const member = this.#coordinator.member(client.memberId)
    const isCurrent = member !== undefined && this.#isCurrent(client, member)
    const error = client.beat(this.#coordinator, isLost)
    this.#note(
      `${client.memberId} beats in ${epoch}${isLost ? ', lost' : ''}: ${error ?? client.epoch}`,
    )
    if (epoch !== JOINS) {
      must(error !== undefined || isCurrent, `${client.memberId} is behind and not fenced`)
      must(error === undefined || !isCurrent, `${client.memberId} is fenced by ${error}`)
    }
    return error
  }

  #isCurrent(client: ModelClient, member: ConsumerMember): boolean {
    const { topicPartitions } = client.request()
    const missedOne =
      client.epoch === member.previousMemberEpoch &&
      client.epoch < member.memberEpoch &&
      topicPartitions != null &&
      holdsAll(member.assigned, topicPartitions)
    return client.epoch === member.memberEpoch || missedOne
  }

  #start(instanceId: string | null, wish: Wish = this.#wish()): void {
    this.#clientCount += 1
    const timeoutMs = 10_000 + this.#below(40_000)
    const client = new ModelClient(`m${this.#clientCount}`, instanceId, wish, timeoutMs)
    this.#clients = [...this.#clients.filter(({ isDead }) => !isDead), client]
    this.#note(`${client.memberId} comes as ${instanceId} for ${JSON.stringify(wish)}`)
  }

  #wish(): Wish {
    const topics = TOPICS.filter(() => this.#below(2) === 0)
    return { topics, regex: this.#below(4) === 0 ? one(PATTERNS, this.#below) : '' }
  }

  #advance(ms: number): void {
    this.#coordinator.advance(ms)
  }

  #look(): void {
    for (const record of this.#coordinator.records.splice(0)) this.#log.add(record)
    checkReplay(this.#coordinator, this.#log)
    checkDerived(this.#coordinator)
    checkOwners(this.#coordinator, this.#clients)
  }

  #living(): readonly ModelClient[] {
    return this.#clients.filter(({ isDead }) => !isDead)
  }

  /** Somebody who is not paused. */
  #anyone(): ModelClient | undefined {
    const { nowMs } = this.#coordinator
    return this.#pick(this.#living().filter(({ pausedUntilMs }) => pausedUntilMs <= nowMs))
  }

  /** undefined when there is no choice. */
  #pick<T>(choices: readonly T[]): T | undefined {
    return choices.length === 0 ? undefined : one(choices, this.#below)
  }

  #note(line: string): void {
    this.trace.push(line)
    if (this.trace.length > TRACE_LINES) this.trace.shift()
  }
}

function one<T>(choices: readonly T[], below: (limit: number) => number): T {
  return choices[below(choices.length)]!
}
