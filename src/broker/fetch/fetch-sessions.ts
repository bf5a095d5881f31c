import { KafkaError } from '../../protocol/errors.ts'
import { FetchSet } from './fetch-set.ts'

/** The epoch of a request that starts a session, and of one that wants none (KIP-227). */
const INITIAL_EPOCH = 0
const FINAL_EPOCH = -1
const MAX_EPOCH = 2 ** 31 - 1
const MAX_SESSION_ID = 2 ** 31 - 1

/** What a broker remembers of one consumer between its fetches. */
export interface FetchSession {
  readonly id: number
  readonly set: FetchSet
  /** Sessions begun by name stay by name, those begun by id by id. */
  readonly usesTopicIds: boolean
  readonly createdMs: number
  lastUsedMs: number
  /** The epoch that the next request has to carry. */
  epoch: number
}

/** How one fetch is served. */
export type FetchScope =
  | { readonly type: 'sessionless'; readonly set: FetchSet }
  /** A full fetch that asks for a session; it is made when the answer is. */
  | { readonly type: 'full'; readonly set: FetchSet; readonly usesTopicIds: boolean }
  | { readonly type: 'incremental'; readonly session: FetchSession; readonly epoch: number }

export interface FetchSessionsOptions {
  /** `max.incremental.fetch.session.cache.slots`. */
  readonly maxSessions: () => number
  /** A session unused for this long may be replaced by any other. */
  readonly evictionMs: number
  /** A number in [0, limit). */
  readonly below: (limit: number) => number
}

/**
 * The fetch sessions of a broker, at most `maxSessions`. When full, a session that was not used for
 * `evictionMs` makes room, else one older than `evictionMs` with fewer partitions than the new one;
 * else no session is made and the consumer goes on with full fetches.
 */
export class FetchSessions {
  readonly #sessions = new Map<number, FetchSession>()
  readonly #options: FetchSessionsOptions

  constructor(options: FetchSessionsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#sessions.size
  }

  /**
   * Finds what a request continues, without changing it yet.
   * @throws KafkaError FETCH_SESSION_ID_NOT_FOUND | INVALID_FETCH_SESSION_EPOCH |
   *   FETCH_SESSION_TOPIC_ID_ERROR
   */
  begin(sessionId: number, epoch: number, usesTopicIds: boolean, nowMs: number): FetchScope {
    if (epoch === INITIAL_EPOCH || epoch === FINAL_EPOCH) {
      this.remove(sessionId)
      const set = new FetchSet()
      return epoch === FINAL_EPOCH
        ? { type: 'sessionless', set }
        : { type: 'full', set, usesTopicIds }
    }
    const session = this.#sessions.get(sessionId)
    if (session === undefined) {
      throw new KafkaError('FETCH_SESSION_ID_NOT_FOUND', `no fetch session ${sessionId}`)
    }
    if (session.epoch !== epoch) {
      throw new KafkaError(
        'INVALID_FETCH_SESSION_EPOCH',
        `fetch session ${sessionId} is at epoch ${session.epoch}, the request says ${epoch}`,
      )
    }
    if (session.usesTopicIds !== usesTopicIds) {
      throw new KafkaError(
        'FETCH_SESSION_TOPIC_ID_ERROR',
        `fetch session ${sessionId} was begun ${session.usesTopicIds ? 'with' : 'without'} topic ids`,
      )
    }
    this.#touch(session, nowMs)
    session.epoch = epoch === MAX_EPOCH ? 1 : epoch + 1
    return { type: 'incremental', session, epoch: session.epoch }
  }

  /** Ends a session; nothing happens when there is none of that id. */
  remove(sessionId: number): void {
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return
    session.set.unwatch()
    this.#sessions.delete(sessionId)
  }

  /**
   * Keeps the partitions of a full fetch as a session.
   * @returns undefined when every slot is taken by a session worth more.
   */
  create(set: FetchSet, usesTopicIds: boolean, nowMs: number): FetchSession | undefined {
    if (this.#sessions.size >= this.#options.maxSessions() && !this.#evict(set, nowMs)) {
      return undefined
    }
    let id = 0
    while (id === 0 || this.#sessions.has(id)) id = this.#options.below(MAX_SESSION_ID)
    const session = { id, set, usesTopicIds, createdMs: nowMs, lastUsedMs: nowMs, epoch: 1 }
    this.#sessions.set(id, session)
    set.watch()
    return session
  }

  /** Map order is order of use: the first session is the one used longest ago. */
  #touch(session: FetchSession, nowMs: number): void {
    session.lastUsedMs = nowMs
    this.#sessions.delete(session.id)
    this.#sessions.set(session.id, session)
  }

  #evict(newcomer: FetchSet, nowMs: number): boolean {
    const { evictionMs } = this.#options
    let smallest: FetchSession | undefined
    for (const session of this.#sessions.values()) {
      if (nowMs - session.lastUsedMs > evictionMs) {
        this.remove(session.id)
        return true
      }
      if (nowMs - session.createdMs <= evictionMs) continue
      if (session.set.entries.size < (smallest?.set.entries.size ?? newcomer.entries.size)) {
        smallest = session
      }
    }
    if (smallest === undefined) return false
    this.remove(smallest.id)
    return true
  }
}
