/** Members of both protocols that talk at random in one consumer group, the same for the same seed. */

import type { Random } from '../../../src/kernel/environment.ts'
import { seededRandom } from '../../../src/kernel/seeded-random.ts'
import { consumerProtocolAssignment } from '../../../src/protocol/internal/consumer-protocol.ts'
import { decodeExtensible } from '../../../src/protocol/stored.ts'
import type { GroupTalk } from './group-talk.ts'

const STEPS = 90
const LOOK_EVERY = 15
/** Ids of one letter each: different ones lie in different places of Java's tables, so that it does not
 *  matter when they came. The first never leaves, which keeps the group what it is. */
const consumers = ['h', 'k', 'l']
const classics = ['a', 'b', 'c', 'd']
const instances = [null, null, 'i', 'j']

/** What a member knows of itself. */
interface Self {
  epoch: number
  held: readonly number[]
  instanceId: string | null
}

/** One walk through what members may say, sense and nonsense. */
export async function walkMixed(talk: GroupTalk, seed: number): Promise<void> {
  const walk = new Walk(talk, seededRandom(seed))
  for (let step = 1; step <= STEPS; step++) {
    await walk.step()
    if (step % LOOK_EVERY === 0) await talk.look()
  }
}

class Walk {
  readonly #talk: GroupTalk
  readonly #random: Random
  readonly #selves = new Map<string, Self>()

  constructor(talk: GroupTalk, random: Random) {
    this.#talk = talk
    this.#random = random
  }

  async step(): Promise<void> {
    const isFirst = this.#selves.size === 0
    const name = isFirst ? consumers[0]! : this.#oneOf([...consumers, ...classics])
    const self = this.#selves.get(name) ?? this.#born(name)
    if (consumers.includes(name)) await this.#consumer(name, self)
    else await this.#classic(name, self)
  }

  #born(name: string): Self {
    const instanceId = name === consumers[0] ? null : this.#oneOf(instances)
    const self: Self = { epoch: 0, held: [], instanceId }
    this.#selves.set(name, self)
    return self
  }

  async #consumer(name: string, self: Self): Promise<void> {
    const { instanceId } = self
    const mayLeave = name !== consumers[0] && self.epoch > 0
    if (mayLeave && this.#chance(10)) {
      await this.#talk.beat(name, { memberEpoch: -1, instanceId })
      this.#selves.delete(name)
      return
    }
    const memberEpoch = this.#nearly(self.epoch)
    const topicPartitions =
      self.held.length === 0 ? [] : [{ topicId: this.#talk.topic.id, partitions: [...self.held] }]
    const said = await this.#talk.beat(name, {
      memberEpoch,
      instanceId,
      ...(memberEpoch !== 0 && { topicPartitions: this.#chance(3) ? null : topicPartitions }),
      ...(this.#chance(8) && { subscribedTopicNames: this.#topics() }),
    })
    if (said.errorCode !== 0) {
      self.epoch = 0
      self.held = []
      return
    }
    self.epoch = said.memberEpoch
    if (said.assignment !== null)
      self.held = said.assignment.topicPartitions.flatMap(({ partitions }) => partitions)
  }

  async #classic(name: string, self: Self): Promise<void> {
    const { instanceId: groupInstanceId } = self
    const generation = this.#nearly(self.epoch)
    const act =
      self.epoch === 0 ? 'join' : this.#oneOf(['join', 'sync', 'sync', 'heartbeat', 'leave'])
    if (act === 'join') await this.#join(name, self)
    else if (act === 'heartbeat') await this.#talk.heartbeat(name, generation, { groupInstanceId })
    else if (act === 'sync') {
      const said = await this.#talk.sync(name, generation, {}, { groupInstanceId })
      if (said.errorCode === 0) self.held = partitionsOf(said.assignment)
    } else {
      await this.#talk.leave(name, [{ memberId: this.#talk.idOf(name), groupInstanceId }])
      this.#selves.delete(name)
    }
  }

  async #join(name: string, self: Self): Promise<void> {
    const { instanceId: groupInstanceId } = self
    const said = await this.#talk.join(name, {
      // A static member without an id is given one, which differs from broker to broker.
      memberId: name,
      groupInstanceId,
      topics: this.#chance(4) ? this.#topics() : [this.#talk.topic.name],
      ...(this.#chance(2) && { owned: self.held }),
    })
    self.epoch = said.errorCode === 0 ? said.generationId : 0
    if (said.errorCode !== 0) self.instanceId = null
  }

  /** Never none: a newcomer who wants nothing is assigned something by Kafka, which still goes by what
   *  the group wanted before it came. */
  #topics(): string[] {
    return ['absent', ...[this.#talk.topic.name, 'nowhere'].filter(() => this.#chance(2))]
  }

  /** Now and then a little less or more. */
  #nearly(epoch: number): number {
    return this.#chance(12) ? Math.max(0, epoch + this.#random.below(3) - 1) : epoch
  }

  #oneOf<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)]!
  }

  /** True once in so many times. */
  #chance(times: number): boolean {
    return this.#random.below(times) === 0
  }
}

function partitionsOf(assignment: Uint8Array): readonly number[] {
  const { assignedPartitions } = decodeExtensible(consumerProtocolAssignment, assignment)
  return assignedPartitions.flatMap(({ partitions }) => partitions)
}
