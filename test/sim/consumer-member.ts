import { consumerGroupHeartbeat } from '../../src/protocol/api/68-consumer-group-heartbeat.ts'
import { errorName } from '../../src/protocol/errors.ts'
import type { Connection } from './actor.ts'
import { GroupMember, partsOf } from './group-member.ts'
import { must, Violation } from './violation.ts'

const JOINS = 0
const LEAVES = -1
const REBALANCE_TIMEOUT_MS = 1_000

/** A member by the consumer protocol (KIP-848): one kind of request, which says what changed. */
export class ConsumerMember extends GroupMember {
  #id: string | undefined
  #epoch = JOINS
  /** The next heartbeat says everything. */
  #isFull = true
  /** It holds something else than it has said. */
  #hasChanged = false

  override get isSettled(): boolean {
    return this.#epoch > 0 && !this.#isFull && !this.#hasChanged
  }

  protected override get membership() {
    return this.#epoch > 0 ? { id: this.#memberId(), epoch: this.#epoch } : undefined
  }

  protected override reconnected(): void {
    this.#isFull = true
  }

  protected override async turn(connection: Connection): Promise<void> {
    const askedAtMs = this.world.nowMs
    const isFull = this.#isFull
    const id = this.#memberId()
    const answer = await connection.ask(consumerGroupHeartbeat, 1, {
      groupId: this.group.groupId,
      memberId: id,
      memberEpoch: this.#epoch,
      ...(isFull && {
        rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
        subscribedTopicNames: [...this.group.topics],
      }),
      ...((isFull || this.#hasChanged) && { topicPartitions: this.#said() }),
    })
    const error = errorName(answer.errorCode)
    if (error === 'NONE') {
      this.#isFull = false
      this.#hasChanged = false
      this.#heard(id, answer, askedAtMs)
      return
    }
    this.#isFull = true
    if (this.passes(error, 'heartbeats')) return
    this.giveUp()
    this.#epoch = JOINS
  }

  protected override async leave(connection: Connection): Promise<void> {
    const memberId = this.#memberId()
    const { groupId } = this.group
    await connection.ask(consumerGroupHeartbeat, 1, { groupId, memberId, memberEpoch: LEAVES })
  }

  protected override forget(): void {
    this.#id = undefined
    this.#epoch = JOINS
    this.#isFull = true
  }

  protected override asker(memberId: string, memberEpoch: number) {
    return { memberId, memberEpoch }
  }

  #heard(id: string, { memberEpoch, assignment }: HeartbeatAnswer, askedAtMs: number): void {
    must(memberEpoch >= this.#epoch, () => `${id} went from ${this.#epoch} to ${memberEpoch}`)
    this.#epoch = memberEpoch
    const before = this.places.join()
    if (assignment !== null) {
      const given = assignment.topicPartitions.flatMap(({ topicId, partitions }) => {
        const topic = this.#topicNames().get(topicId)
        if (topic === undefined) throw new Violation(`${id} is given an unknown topic ${topicId}`)
        return partitions.map((index) => `${topic}-${index}`)
      })
      const kept = new Set(given)
      this.giveUp(this.places.filter((place) => !kept.has(place)))
      this.confirm(memberEpoch, askedAtMs)
      this.take(kept, id, memberEpoch)
    } else this.confirm(memberEpoch, askedAtMs)
    this.#hasChanged = before !== this.places.join()
  }

  #said() {
    const ids = new Map([...this.#topicNames()].map(([id, name]) => [name, id]))
    const places = this.#epoch === JOINS ? [] : this.places.map(partsOf)
    return [...Map.groupBy(places, ({ topic }) => topic)].map(([topic, found]) => ({
      topicId: ids.get(topic)!,
      partitions: found.map(({ index }) => index),
    }))
  }

  #topicNames(): ReadonlyMap<string, string> {
    return new Map(this.world.ledger.alive.map(({ id, name }) => [id, name]))
  }

  #memberId(): string {
    this.#id ??= `${this.name}.${this.random.below(1_000_000_000)}`
    return this.#id
  }
}

interface HeartbeatAnswer {
  readonly memberEpoch: number
  readonly assignment: {
    readonly topicPartitions: readonly {
      readonly topicId: string
      readonly partitions: readonly number[]
    }[]
  } | null
}
