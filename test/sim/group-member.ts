import { offsetCommit } from '../../src/protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../../src/protocol/api/09-offset-fetch.ts'
import { type ErrorName, errorName } from '../../src/protocol/errors.ts'
import { Actor, type Connection } from './actor.ts'
import type { Claim, GroupLedger } from './group-ledger.ts'
import { PASSING, prepareOffsetsTopic } from './offsets-topic.ts'
import { must } from './violation.ts'
import type { World } from './world.ts'

/** Commits and fetches with a member's epoch. */
const OF_MEMBERS = 9
const LONGEST_PAUSE_MS = 40
const LONGEST_ABSENCE_MS = 400
/** Of a member that hears and says nothing: of its session timeout. */
const LONGEST_SLEEP_SESSIONS = 3

/** What a coordinator may say to a member that is not what it was. */
const OUTDATED: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
  'STALE_MEMBER_EPOCH',
  'FENCED_MEMBER_EPOCH',
  // A group that only classic members are left in is one of the classic protocol.
  'GROUP_ID_NOT_FOUND',
])

/** A member of a group, in one of the protocols: it takes what it is given, commits ever larger
 *  offsets, leaves, dies, and comes back. */
export abstract class GroupMember extends Actor {
  readonly group: GroupLedger
  readonly #claims = new Map<string, Claim>()
  #isPrepared = false

  constructor(world: World, name: string, group: GroupLedger) {
    super(world, name)
    this.group = group
  }

  /** Whether the coordinator has told it what it has, and nothing changes. */
  abstract get isSettled(): boolean

  /** Its id and its epoch, or generation, in the group; undefined: it is not in. */
  protected abstract get membership(): { readonly id: string; readonly epoch: number } | undefined

  /** A new connection: what was under way on the last one is not known. */
  protected abstract reconnected(): void

  /** One exchange with the coordinator about the membership. */
  protected abstract turn(connection: Connection): Promise<void>

  /** Says that it goes. */
  protected abstract leave(connection: Connection): Promise<void>

  /** Begins as somebody else, whom nobody knows. */
  protected abstract forget(): void

  protected async work(connection: Connection): Promise<void> {
    this.reconnected()
    while (!this.world.isOver) {
      await this.sleep(this.random.below(LONGEST_PAUSE_MS))
      if (!this.#hasTopics()) continue
      this.#isPrepared ||= await prepareOffsetsTopic(connection, this.group.groupId)
      if (!this.#isPrepared) continue
      // Who was put out may commit before it hears of it.
      if (this.random.below(2) === 0) await this.#useClaim(connection)
      await this.turn(connection)
      await this.#useClaim(connection)
      if (!this.world.isEnding) await this.#maybeGo(connection)
    }
  }

  protected get places(): readonly string[] {
    return [...this.#claims.keys()]
  }

  /** It was told what it has: gives up the rest, takes on what is new. */
  protected take(places: ReadonlySet<string>, id: string, epoch: number): void {
    const gone = this.places.filter((place) => !places.has(place))
    this.giveUp(gone)
    const added = [...places].filter((place) => !this.#claims.has(place))
    for (const place of added) this.#claims.set(place, this.group.hold(id, place, epoch))
    if (gone.length + added.length > 0)
      this.note(`epoch ${epoch}: has ${this.places}, gave up ${gone}`)
  }

  protected giveUp(places: readonly string[] = this.places): void {
    for (const place of places) {
      const claim = this.#claims.get(place)
      if (claim !== undefined) this.group.release(claim)
      this.#claims.delete(place)
    }
  }

  /** The coordinator agreed to what was asked at a time. */
  protected confirm(epoch: number, askedAtMs: number): void {
    for (const claim of this.#claims.values()) this.group.confirm(claim, epoch, askedAtMs)
  }

  /** @returns whether an error passes by itself. @throws Violation when it may not come at all. */
  protected passes(error: ErrorName, what: string): boolean {
    if (PASSING.has(error)) return true
    must(OUTDATED.has(error), () => `${this.name} ${what}: ${error}`)
    this.note(`${what}: ${error}`)
    return false
  }

  #hasTopics(): boolean {
    const names = new Set(this.world.ledger.alive.map(({ name }) => name))
    return this.group.topics.every((topic) => names.has(topic))
  }

  /** Commits, or looks what is committed, for one of its partitions. */
  async #useClaim(connection: Connection): Promise<void> {
    const claim = this.oneOf([...this.#claims.values()])
    const { membership } = this
    if (claim === undefined || membership === undefined) return
    const isLooking = this.world.isEnding || this.random.below(3) === 0
    const use = isLooking ? this.#fetch : this.#commit
    await use.call(this, connection, claim, membership)
  }

  async #commit(
    connection: Connection,
    claim: Claim,
    { id, epoch }: { readonly id: string; readonly epoch: number },
  ): Promise<void> {
    const { place } = claim
    const offset = this.group.nextOffset(place)
    const askedAtMs = this.world.nowMs
    const { topic, index } = partsOf(place)
    const partition = { partitionIndex: index, committedOffset: offset, committedMetadata: '' }
    const { topics } = await connection.ask(offsetCommit, OF_MEMBERS, {
      groupId: this.group.groupId,
      generationIdOrMemberEpoch: epoch,
      memberId: id,
      topics: [{ name: topic, partitions: [partition] }],
    })
    const error = errorName(topics[0]!.partitions[0]!.errorCode)
    this.note(`commits ${place}@${offset}: ${error}`)
    if (error !== 'NONE') return void this.passes(error, 'commits')
    this.group.confirm(claim, claim.epoch, askedAtMs)
    this.group.acknowledged(place, offset)
  }

  async #fetch(
    connection: Connection,
    { place }: Claim,
    { id, epoch }: { readonly id: string; readonly epoch: number },
  ): Promise<void> {
    const committed = this.group.committed(place)
    const { topic, index } = partsOf(place)
    const asked = { topics: [{ name: topic, partitionIndexes: [index] }], ...this.asker(id, epoch) }
    const { groups } = await connection.ask(offsetFetch, OF_MEMBERS, {
      groups: [{ groupId: this.group.groupId, ...asked }],
    })
    const error = errorName(groups[0]!.errorCode)
    if (error !== 'NONE') return void this.passes(error, 'fetches')
    const found = groups[0]!.topics[0]!.partitions[0]!.committedOffset
    this.group.fetched(place, Math.max(found, 0), committed)
  }

  /** How it names itself when it fetches; the classic protocol does not. */
  protected abstract asker(id: string, epoch: number): { memberId?: string; memberEpoch?: number }

  /** Leaves, dies, or hears and says nothing for a time, now and then. */
  async #maybeGo(connection: Connection): Promise<void> {
    const deed = (['leaves', 'dies', 'sleeps', 'sleeps'] as const)[this.random.below(40)]
    if (deed === undefined) return
    this.note(deed)
    if (deed === 'sleeps') {
      const longestMs = this.group.sessionTimeoutMs * LONGEST_SLEEP_SESSIONS
      return await this.sleep(this.random.below(longestMs))
    }
    this.giveUp()
    try {
      if (deed === 'leaves') await this.leave(connection)
      else this.drop()
    } finally {
      // Whether it was heard or not.
      this.forget()
    }
    await this.sleep(this.random.below(LONGEST_ABSENCE_MS))
  }
}

/** `topic-index` in its parts. */
export function partsOf(place: string): { readonly topic: string; readonly index: number } {
  const at = place.lastIndexOf('-')
  return { topic: place.slice(0, at), index: Number(place.slice(at + 1)) }
}
