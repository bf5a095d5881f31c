/** A member of a consumer group (KIP-848) as its consumer would be, without the consuming. */

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { consumerGroupHeartbeat } from '../../src/protocol/api/68-consumer-group-heartbeat.ts'
import { errorName } from '../../src/protocol/errors.ts'
import type { RequestInput } from '../../src/protocol/schema.ts'
import { Connection } from './connection.ts'

const VERSION = 1
const REBALANCE_TIMEOUT_MS = 300_000

export interface ConsumerMemberOptions {
  readonly bootstrap: string
  readonly groupId: string
  readonly topic: string
}

/** Joins, gives up and takes over at once what it is told to, and says so. */
export class ConsumerMember {
  readonly #options: ConsumerMemberOptions
  readonly #connection: Connection
  readonly #memberId = randomUUID()
  #held: readonly { readonly topicId: string; readonly partitions: readonly number[] }[] = []
  #isOver = false
  /** 0 until it is in the group. */
  epoch = 0

  private constructor(options: ConsumerMemberOptions, connection: Connection) {
    this.#options = options
    this.#connection = connection
  }

  static async open(options: ConsumerMemberOptions): Promise<ConsumerMember> {
    return new ConsumerMember(options, await Connection.open(options.bootstrap))
  }

  /** Partitions it has. */
  get held(): number {
    return this.#held.reduce((sum, { partitions }) => sum + partitions.length, 0)
  }

  /** Enters the group and stays in it. @param changed called after each heartbeat. */
  async run(changed: () => void): Promise<void> {
    let next: Partial<RequestInput<typeof consumerGroupHeartbeat>> = {
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
      subscribedTopicNames: [this.#options.topic],
      topicPartitions: [],
    }
    while (!this.#isOver) {
      const answer = await this.#beat(next)
      if (answer === undefined) return
      const { assignment, heartbeatIntervalMs } = answer
      changed()
      if (assignment === null) await delay(heartbeatIntervalMs)
      next = assignment === null ? {} : { topicPartitions: this.#held }
    }
  }

  leave(): void {
    this.#isOver = true
    this.#connection.close()
  }

  async #beat(said: Partial<RequestInput<typeof consumerGroupHeartbeat>>) {
    const request = { groupId: this.#options.groupId, memberId: this.#memberId, ...said }
    const answer = await this.#connection
      .ask(consumerGroupHeartbeat, VERSION, { ...request, memberEpoch: this.epoch })
      .catch((error: unknown) => {
        if (this.#isOver) return undefined
        throw error
      })
    if (answer === undefined || this.#isOver) return undefined
    if (answer.errorCode !== 0) {
      throw new Error(`heartbeat: ${errorName(answer.errorCode)} ${answer.errorMessage}`)
    }
    this.epoch = answer.memberEpoch
    if (answer.assignment !== null) this.#held = answer.assignment.topicPartitions
    return answer
  }
}
