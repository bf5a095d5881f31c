import { offsetCommit } from '../../src/protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../../src/protocol/api/09-offset-fetch.ts'
import { errorName } from '../../src/protocol/errors.ts'
import { Actor, type Connection } from './actor.ts'
import { PASSING, prepareOffsetsTopic } from './offsets-topic.ts'
import { must } from './violation.ts'

/** Is there from the beginning, and never deleted. */
const TOPIC = 'lasting-default'
const NAMED = 8
const LONGEST_PAUSE_MS = 10
/** Commits under way at once: one of them is always about to be answered. */
const MOST_AT_ONCE = 8

/**
 * Commits ever larger offsets for a group that nobody is in, and fetches them: what it is given is never
 * less than the last it was told to be committed, and never more than it has asked for. The topic of
 * offsets is set to sync before it answers, so that this holds through power cuts.
 */
export class Committer extends Actor {
  /** Fetches that told the truth. */
  completed = 0
  #isSynced = false
  /** The largest it has asked for. */
  #asked = 0
  /** The largest that the broker has said to be committed. */
  #committed = 0

  protected async work(connection: Connection): Promise<void> {
    while (!this.world.isOver) {
      this.#isSynced ||= await prepareOffsetsTopic(connection, this.name)
      if (this.#isSynced && (await this.#fetch(connection))) {
        const count = this.world.isEnding ? 0 : this.random.below(MOST_AT_ONCE)
        await Promise.all(Array.from({ length: count }, () => this.#commit(connection)))
      }
      await this.sleep(this.random.below(LONGEST_PAUSE_MS))
    }
  }

  /** @returns whether it was told something. */
  async #fetch(connection: Connection): Promise<boolean> {
    const committed = this.#committed
    const topics = [{ name: TOPIC, partitionIndexes: [0] }]
    const request = { groups: [{ groupId: this.name, topics }] }
    const { groups } = await connection.ask(offsetFetch, NAMED, request)
    const error = errorName(groups[0]!.errorCode)
    must(error === 'NONE' || PASSING.has(error), () => `${this.name} fetches: ${error}`)
    if (error !== 'NONE') return false
    const found = groups[0]!.topics[0]!.partitions[0]!.committedOffset
    const seen = found === -1 ? 0 : found
    this.note(`fetches ${seen}`)
    must(seen >= committed, () => `${this.name} is given ${seen}, ${committed} was committed`)
    must(seen <= this.#asked, () => `${this.name} is given ${seen}, nobody committed that`)
    this.completed += 1
    return true
  }

  async #commit(connection: Connection): Promise<void> {
    this.#asked += 1
    const offset = this.#asked
    const partition = { partitionIndex: 0, committedOffset: offset, committedMetadata: '' }
    const { topics } = await connection.ask(offsetCommit, NAMED, {
      groupId: this.name,
      memberId: '',
      topics: [{ name: TOPIC, partitions: [partition] }],
    })
    const error = errorName(topics[0]!.partitions[0]!.errorCode)
    this.note(`commits ${offset}: ${error}`)
    const isEarly = error === 'UNKNOWN_TOPIC_OR_PARTITION' && this.#committed === 0
    must(error === 'NONE' || PASSING.has(error) || isEarly, () => `${this.name} commits: ${error}`)
    if (error === 'NONE') this.#committed = Math.max(this.#committed, offset)
  }
}
