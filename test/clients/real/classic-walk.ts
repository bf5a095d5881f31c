/** Random requests about one classic group, by a seed, to a real Kafka and the broker under test. */

import assert from 'node:assert/strict'
import type { Random } from '../../../src/kernel/environment.ts'
import { seededRandom } from '../../../src/kernel/seeded-random.ts'
import { offsetCommit } from '../../../src/protocol/api/08-offset-commit.ts'
import { joinGroup } from '../../../src/protocol/api/11-join-group.ts'
import { heartbeat } from '../../../src/protocol/api/12-heartbeat.ts'
import { leaveGroup } from '../../../src/protocol/api/13-leave-group.ts'
import { syncGroup } from '../../../src/protocol/api/14-sync-group.ts'
import { describeGroups } from '../../../src/protocol/api/15-describe-groups.ts'
import { errors } from '../../../src/protocol/errors.ts'
import { consumerProtocolSubscription } from '../../../src/protocol/internal/consumer-protocol.ts'
import { encodeVersioned } from '../../../src/protocol/stored.ts'
import { type Asked, mustEqual, type Twins } from './twins.ts'

/** A member, or who would be one, and what it believes. */
interface Actor {
  readonly name: string
  readonly instanceId: string | null
  /** A symbol; empty: none. */
  memberId: string
  generation: number
  /** Whom it has to give a part, being the leader. */
  followers: readonly string[]
  /** Every id it ever had. */
  readonly formerIds: string[]
  /** What its first connection waits for. */
  waits: Asked | undefined
}

/** The fields of a JoinGroup's answer that an actor goes by, with symbols. */
interface Joined {
  readonly errorCode: number
  readonly memberId: string
  readonly generationId: number
  readonly leader: string
  readonly members: readonly { readonly memberId: string }[]
}

const offers = [['range'], ['range', 'sticky'], ['sticky', 'range'], ['range', 'sticky', 'rr']]
const topic = 'read'

export class ClassicWalk {
  readonly #twins: Twins
  readonly #random: Random
  readonly #groupId: string
  readonly #actors: readonly Actor[]
  readonly #open: { readonly actor: Actor; readonly asked: Asked }[] = []
  readonly #story: string[] = []
  #symbolCount = 0

  constructor(twins: Twins, seed: number) {
    this.#twins = twins
    this.#random = seededRandom(seed)
    this.#groupId = `walk-${seed}`
    this.#actors = ['a', 'b', 'c', 'd'].map((name, index) => ({
      name,
      instanceId: index < 2 ? null : `instance ${name}`,
      memberId: '',
      generation: -1,
      followers: [],
      formerIds: [],
      waits: undefined,
    }))
  }

  /** @returns how many requests were answered alike, until the leaders differ: among several members
   *  either broker takes any. @throws AssertionError when they answer differently. */
  async run(steps: number): Promise<number> {
    for (let step = 0; step < steps; step++) {
      await this.#step()
      if (!(await this.#compare())) return step
    }
    return steps
  }

  async #step(): Promise<void> {
    const actor = this.#pick(this.#actors)
    const dice = this.#random.below(100)
    if (actor.waits !== undefined && dice < 70 && this.#oneIn(2)) return
    if (dice < 45) await this.#join(actor)
    else if (dice < 70) await this.#sync(actor)
    else if (dice < 80) await this.#heartbeat(actor)
    else if (dice < 87) await this.#leave(actor)
    else if (dice < 94) await this.#commit(actor)
    else await this.#describe(actor)
  }

  async #join(actor: Actor): Promise<void> {
    const memberId = this.#oneIn(10) ? '' : this.#idOf(actor)
    const groupInstanceId = this.#instanceOf(actor)
    const version = groupInstanceId === null ? this.#random.below(10) : 5 + this.#random.below(5)
    const names = this.#oneIn(20) ? this.#pick([[], ['other']]) : this.#pick(offers)
    const subscribed = { topics: [this.#oneIn(5) ? 'other' : topic] }
    const metadata = encodeVersioned(consumerProtocolSubscription, 1, subscribed)
    const protocolType = this.#oneIn(25) ? this.#pick(['connect', '']) : 'consumer'
    const sessionTimeoutMs = this.#oneIn(25) ? this.#pick([5999, 1_800_001]) : 30_000
    this.#symbolCount += 1
    await this.#ask(
      actor,
      { what: `join v${version} ${memberId}/${groupInstanceId} ${protocolType} ${names}` },
      (connection, asked) =>
        this.#twins.ask(
          connection,
          joinGroup,
          version,
          (idOf) => ({
            groupId: this.#groupId,
            sessionTimeoutMs,
            memberId: idOf(memberId),
            protocolType,
            protocols: names.map((name) => ({ name, metadata })),
            ...(version >= 1 && { rebalanceTimeoutMs: 60_000 }),
            ...(version >= 5 && { groupInstanceId }),
          }),
          { ...asked, symbol: `m${this.#symbolCount}` },
        ),
    )
  }

  async #sync(actor: Actor): Promise<void> {
    const [memberId, groupInstanceId] = [this.#idOf(actor), this.#instanceOf(actor)]
    const version = groupInstanceId === null ? this.#random.below(6) : 3 + this.#random.below(3)
    const generationId = this.#generationOf(actor)
    const followers = this.#oneIn(8) ? [] : actor.followers
    const names = {
      protocolType: this.#oneIn(15) ? 'connect' : 'consumer',
      protocolName: this.#oneIn(15) ? 'other' : 'range',
    }
    await this.#ask(
      actor,
      { what: `sync v${version} ${memberId}/${groupInstanceId} of ${generationId}: ${followers}` },
      (connection, asked) =>
        this.#twins.ask(
          connection,
          syncGroup,
          version,
          (idOf) => ({
            groupId: this.#groupId,
            generationId,
            memberId: idOf(memberId),
            assignments: followers.map((follower) => ({
              memberId: idOf(follower),
              assignment: Buffer.from(`part of ${follower}`),
            })),
            ...(version >= 3 && { groupInstanceId }),
            ...(version >= 5 && names),
          }),
          asked,
        ),
    )
  }

  async #heartbeat(actor: Actor): Promise<void> {
    const [memberId, groupInstanceId] = [this.#idOf(actor), this.#instanceOf(actor)]
    const version = groupInstanceId === null ? this.#random.below(5) : 3 + this.#random.below(2)
    const generationId = this.#generationOf(actor)
    const what = `heartbeat v${version} ${memberId}/${groupInstanceId} of ${generationId}`
    await this.#askAtOnce(actor, what, (connection, asked) =>
      this.#twins.ask(
        connection,
        heartbeat,
        version,
        (idOf) => ({
          groupId: this.#groupId,
          generationId,
          memberId: idOf(memberId),
          ...(version >= 3 && { groupInstanceId }),
        }),
        asked,
      ),
    )
  }

  async #leave(actor: Actor): Promise<void> {
    const version = this.#random.below(6)
    const leavers = Array.from({ length: 1 + this.#random.below(2) }, () => {
      const leaver = this.#pick(this.#actors)
      const groupInstanceId = this.#oneIn(3) ? null : leaver.instanceId
      return { memberId: this.#oneIn(3) ? '' : this.#idOf(leaver), groupInstanceId }
    })
    const what = `leave v${version} ${JSON.stringify(leavers)}`
    await this.#askAtOnce(actor, what, (connection, asked) =>
      this.#twins.ask(
        connection,
        leaveGroup,
        version,
        (idOf) => {
          const members = leavers.map((one) => ({ ...one, memberId: idOf(one.memberId) }))
          const who = version < 3 ? { memberId: members[0]!.memberId } : { members }
          return { groupId: this.#groupId, ...who }
        },
        asked,
      ),
    )
  }

  async #commit(actor: Actor): Promise<void> {
    const version = 7 + this.#random.below(3)
    const isAnonymous = this.#oneIn(3)
    const memberId = isAnonymous ? '' : this.#idOf(actor)
    const groupInstanceId = isAnonymous ? null : this.#instanceOf(actor)
    const generation = isAnonymous ? -1 : this.#generationOf(actor)
    const what = `commit v${version} ${memberId}/${groupInstanceId} of ${generation}`
    await this.#askAtOnce(actor, what, (connection, asked) =>
      this.#twins.ask(
        connection,
        offsetCommit,
        version,
        (idOf) => ({
          groupId: this.#groupId,
          generationIdOrMemberEpoch: generation,
          memberId: idOf(memberId),
          groupInstanceId,
          topics: [
            {
              name: topic,
              partitions: [{ partitionIndex: 0, committedOffset: 5, committedMetadata: '' }],
            },
          ],
        }),
        asked,
      ),
    )
  }

  /** A group that was founded a moment ago may not be there yet for those who look. */
  async #describe(actor: Actor): Promise<void> {
    if (this.#actors.every(({ generation }) => generation < 0)) return
    const version = this.#random.below(7)
    await this.#askAtOnce(actor, `describe v${version}`, (connection, asked) =>
      this.#twins.ask(
        connection,
        describeGroups,
        version,
        () => ({ groups: [this.#groupId] }),
        asked,
      ),
    )
  }

  /** Asks for what may have to wait: over a second connection when the first waits already. */
  async #ask(
    actor: Actor,
    asking: { readonly what: string },
    send: (connection: string, asking: { readonly what: string }) => Promise<Asked>,
  ): Promise<void> {
    const isSecond = actor.waits !== undefined
    const connection = isSecond ? `${actor.name}, again` : actor.name
    this.#story.push(`${connection}: ${asking.what}`)
    const asked = await send(connection, asking)
    this.#open.push({ actor, asked })
    if (!isSecond) actor.waits = asked
  }

  async #askAtOnce(
    actor: Actor,
    what: string,
    send: (connection: string, asking: { readonly what: string }) => Promise<Asked>,
  ): Promise<void> {
    this.#story.push(`${actor.name}: ${what}`)
    const asked = await send(`${actor.name}, besides`, { what })
    this.#open.push({ actor, asked })
  }

  /** Compares what has been answered by now. @returns false when the leaders differ. */
  async #compare(): Promise<boolean> {
    for (const each of [...this.#open]) {
      const { actor, asked } = each
      if (!this.#open.includes(each)) continue
      if (!(await this.#twins.agreeToWait(asked))) {
        this.#mustBeForgotten(actor, asked)
        continue
      }
      if (asked.answers[0] === undefined) continue
      this.#open.splice(this.#open.indexOf(each), 1)
      if (actor.waits === asked) actor.waits = undefined
      const [kafka, tested] = this.#twins.read(asked)
      this.#story.push(`  ${asked.what} = ${JSON.stringify(kafka)}`)
      if (asked.symbol !== undefined) {
        // An answer to a JoinGroup, for only that has a symbol.
        if ((kafka as Joined).leader !== (tested as Joined).leader) return false
        learn(actor, kafka as Joined)
      }
      mustEqual(tested, kafka, this.#story)
    }
    return true
  }

  /**
   * Kafka never answers a request that waits when its member asks again, or leaves while it waits for
   * its assignment. Everything of the actor begins anew: in Kafka its connection is of no use now.
   */
  #mustBeForgotten(actor: Actor, { answers, what }: Asked): void {
    const code = new Map(Object.entries(answers[1] ?? {})).get('errorCode')
    const isKnown =
      code === errors.REBALANCE_IN_PROGRESS.code || code === errors.UNKNOWN_MEMBER_ID.code
    assert.ok(isKnown, `${this.#story.slice(-20).join('\n')}\n${what}: ${JSON.stringify(answers)}`)
    for (const connection of [actor.name, `${actor.name}, again`]) this.#twins.drop(connection)
    actor.waits = undefined
    for (const each of [...this.#open]) {
      if (each.actor === actor) this.#open.splice(this.#open.indexOf(each), 1)
    }
  }

  /** Mostly its own; sometimes one that it had, or nobody's. */
  #idOf({ memberId, formerIds }: Actor): string {
    if (this.#oneIn(20)) return 'stranger'
    return this.#oneIn(12) && formerIds.length > 0 ? this.#pick(formerIds) : memberId
  }

  #instanceOf({ instanceId }: Actor): string | null {
    if (this.#oneIn(12)) return 'instance x'
    return this.#oneIn(15) ? null : instanceId
  }

  #generationOf({ generation }: Actor): number {
    return this.#oneIn(8) ? generation - 1 : generation
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#random.below(choices.length)]!
  }

  #oneIn(count: number): boolean {
    return this.#random.below(count) === 0
  }
}

function learn(actor: Actor, { errorCode, generationId, leader, memberId, members }: Joined): void {
  if (errorCode === errors.UNKNOWN_MEMBER_ID.code) actor.memberId = ''
  const isGiven = errorCode === errors.NONE.code || errorCode === errors.MEMBER_ID_REQUIRED.code
  if (!isGiven) return
  actor.memberId = memberId
  actor.formerIds.push(memberId)
  if (errorCode !== errors.NONE.code) return
  actor.generation = generationId
  actor.followers = leader === memberId ? members.map((member) => member.memberId) : []
}
