import { metadata } from '../../src/protocol/api/03-metadata.ts'
import { createTopics } from '../../src/protocol/api/19-create-topics.ts'
import { deleteTopics } from '../../src/protocol/api/20-delete-topics.ts'
import { deleteRecords } from '../../src/protocol/api/21-delete-records.ts'
import { incrementalAlterConfigs } from '../../src/protocol/api/44-incremental-alter-configs.ts'
import { type ErrorName, errorName } from '../../src/protocol/errors.ts'
import { Actor, type Connection } from './actor.ts'
import type { LedgerTopic, TopicPlan } from './ledger.ts'
import { topicNameOf } from './producer.ts'
import { must, Violation } from './violation.ts'
import type { World } from './world.ts'

const LONGEST_PAUSE_MS = 250
const MOST_PASSING_TOPICS = 4
/** Few names, so that they are used again and again. */
const PASSING_NAMES = ['passing-1', 'passing-2', 'passing-3', 'passing-4', 'passing-5']
/** The largest batch fits. */
const SMALLEST_SEGMENT_BYTES = 27_000
const TOPIC_RESOURCE = 2
const SET = 0

/** Errors after which an administrator asks again. */
const PASSING: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'REQUEST_TIMED_OUT',
  'KAFKA_STORAGE_ERROR',
  'NOT_LEADER_OR_FOLLOWER',
])

/** Creates and deletes topics, deletes records, changes settings. Goes on with what a lost connection
 *  left open until its outcome is known. */
export class Administrator extends Actor {
  /** Topics still to be made at the start. */
  readonly #wanted: TopicPlan[]
  #task: ((connection: Connection) => Promise<boolean>) | undefined

  constructor(world: World, name: string, wanted: readonly TopicPlan[]) {
    super(world, name)
    this.#wanted = [...wanted]
  }

  get isDone(): boolean {
    return this.#task === undefined && this.#wanted.length === 0
  }

  protected async work(connection: Connection): Promise<void> {
    while (!this.world.isOver) {
      this.#task ??= this.#choose()
      if (this.#task === undefined || (await this.#task(connection))) this.#task = undefined
      const isBusy = this.#wanted.length > 0
      await this.sleep(isBusy ? 1 : this.random.below(LONGEST_PAUSE_MS))
    }
  }

  /** A task ends with true when its outcome is known. */
  #choose() {
    const next = this.#wanted.shift()
    if (next !== undefined) return this.#creation(next)
    if (this.world.isEnding) return undefined
    const alive = this.world.ledger.alive.filter(({ name }) => name.startsWith('passing'))
    const kind = this.random.below(10)
    if (kind < 3 && alive.length < MOST_PASSING_TOPICS) return this.#newTopic()
    if (kind < 6) return this.#deletion(this.oneOf(alive))
    if (kind < 8) return this.#recordDeletion()
    return this.#change()
  }

  #newTopic() {
    const used = new Set(
      [...this.world.ledger.topics.values()]
        .filter(({ state }) => state !== 'deleted')
        .map(({ name }) => name),
    )
    const name = this.oneOf(PASSING_NAMES.filter((one) => !used.has(one)))
    if (name === undefined) return undefined
    const configs = {
      'internal.segment.bytes': `${SMALLEST_SEGMENT_BYTES + this.random.below(20_000)}`,
    }
    return this.#creation({ name, partitions: 1 + this.random.below(3), configs })
  }

  #creation(plan: TopicPlan) {
    let attempts = 0
    return async (connection: Connection): Promise<boolean> => {
      attempts += 1
      const answer = await connection.ask(createTopics, 7, {
        topics: [
          {
            name: plan.name,
            numPartitions: plan.partitions,
            replicationFactor: 1,
            assignments: [],
            configs: Object.entries(plan.configs).map(([name, value]) => ({ name, value })),
          },
        ],
        timeoutMs: 5_000,
      })
      const [created] = answer.topics
      if (created === undefined) throw new Violation(`${this.name}: no answer for ${plan.name}`)
      const error = errorName(answer.topics[0]!.errorCode)
      this.note(`creates ${plan.name}: ${error} ${created.topicId}`)
      if (PASSING.has(error)) return false
      const isOld = error === 'TOPIC_ALREADY_EXISTS' && attempts > 1
      must(
        error === 'NONE' || isOld,
        () => `${plan.name} is not made: ${error} ${created.errorMessage}`,
      )
      const id = isOld ? await this.#idOf(connection, plan.name) : created.topicId
      must(!this.world.ledger.topics.has(id), () => `${plan.name} has the used topic id ${id}`)
      this.world.ledger.add(plan, id, this.world.machine.life)
      return true
    }
  }

  async #idOf(connection: Connection, name: string): Promise<string> {
    const answer = await connection.ask(metadata, 12, {
      topics: [{ name }],
      allowAutoTopicCreation: false,
    })
    const [topic] = answer.topics
    must(topic?.errorCode === 0, () => `${name} exists and is unknown: ${topic?.errorCode}`)
    return topic.topicId
  }

  #deletion(topic: LedgerTopic | undefined) {
    if (topic === undefined) return undefined
    return async (connection: Connection): Promise<boolean> => {
      topic.state = 'deleting'
      const answer = await connection.ask(deleteTopics, 6, {
        topics: [{ name: null, topicId: topic.id }],
        timeoutMs: 5_000,
      })
      const error = errorName(answer.responses[0]?.errorCode ?? -1)
      this.note(`deletes ${topic.name} ${topic.id}: ${error}`)
      if (PASSING.has(error)) return false
      must(
        error === 'NONE' || error === 'UNKNOWN_TOPIC_ID',
        () => `${topic.name} is not deleted: ${error}`,
      )
      topic.state = 'deleted'
      return true
    }
  }

  #recordDeletion() {
    const partition = this.oneOf(this.world.ledger.partitions)
    if (partition === undefined) return undefined
    return async (connection: Connection): Promise<boolean> => {
      const { powerCuts } = partition
      const offset = this.random.below(partition.endOffset + 1)
      partition.deletedBelow = Math.max(partition.deletedBelow, offset)
      const asked = partition.floor()
      const answer = await connection.ask(deleteRecords, 2, {
        topics: [
          {
            name: topicNameOf(partition),
            partitions: [{ partitionIndex: partition.index, offset }],
          },
        ],
        timeoutMs: 5_000,
      })
      const found = answer.topics[0]?.partitions[0]
      const error = errorName(found?.errorCode ?? -1)
      this.note(`deletes records of ${partition.name} below ${offset}: ${error}`)
      const isFine = error === 'NONE' || PASSING.has(error)
      must(isFine || partition.powerCuts > powerCuts, () => `${partition.name}: ${error}`)
      if (error === 'NONE' && found !== undefined && connection.life === this.world.machine.life) {
        const { lowWatermark } = found
        must(lowWatermark >= offset, () => `${partition.name}: starts at ${lowWatermark}`)
        partition.bounds(Math.max(asked.endOffset, lowWatermark), lowWatermark, asked)
      }
      return true
    }
  }

  /** Settings that change how a log is laid out, and nothing of what it promises. */
  #change() {
    const topic = this.oneOf(this.world.ledger.alive)
    const change = this.oneOf([
      ['internal.segment.bytes', `${SMALLEST_SEGMENT_BYTES + this.random.below(40_000)}`],
      ['index.interval.bytes', `${this.random.below(4_000)}`],
      ['segment.ms', `${500 + this.random.below(20_000)}`],
      ['preallocate', `${this.random.below(2) === 0}`],
    ] as const)
    if (topic === undefined || change === undefined) return undefined
    const [name, value] = change
    return async (connection: Connection): Promise<boolean> => {
      const answer = await connection.ask(incrementalAlterConfigs, 1, {
        resources: [
          {
            resourceType: TOPIC_RESOURCE,
            resourceName: topic.name,
            configs: [{ name, configOperation: SET, value }],
          },
        ],
        validateOnly: false,
      })
      const error = errorName(answer.responses[0]?.errorCode ?? -1)
      this.note(`sets ${name}=${value} of ${topic.name}: ${error}`)
      must(error === 'NONE' || PASSING.has(error), () => `${topic.name}: ${error}`)
      return !PASSING.has(error)
    }
  }
}
