import { assert } from '../kernel/assert.ts'
import type { Clock, Timers } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { KafkaError } from '../protocol/errors.ts'
import { applyChange, deltaBetween, imageOf } from './apply.ts'
import { type Change, type Commit, type Coordination, CoordinationError } from './coordination.ts'
import type { ClusterImage, ImageDelta } from './image.ts'

/** How often a decision is made anew because others changed what it rests on. */
const MAX_ATTEMPTS = 20
/** Decisions that wait for their turn. Beyond it new ones are refused. */
const MAX_WAITING = 1_000
/** How long the watch may take to tell of a commit before everything is read again. */
const CATCH_UP_MS = 1_000
/** Pause before watching again after the store could not be reached. */
const RETRY_MS = 1_000

/** What shall be written, and what the caller is told once it is. Without puts and deletes nothing
 *  is committed. */
export interface Decision<Result> extends Commit {
  readonly result: Result
}

/** A new image and what it changed. */
export interface ImageChange extends ImageDelta {
  readonly image: ClusterImage
  readonly previous: ClusterImage
}

/** Told of each new image, at once and in order. Must not throw. */
export type ImageListener = (change: ImageChange) => void

/** Keeps this broker's picture of the cluster current and carries out decisions about it. */
export class MetadataStore {
  /** The shared truth itself, for leases. */
  readonly coordination: Coordination
  readonly #environment: { readonly clock: Clock; readonly timers: Timers }
  readonly #logger: Logger
  readonly #listeners = new Set<ImageListener>()
  readonly #stop = new AbortController()
  /** Calls that wait for the image to reach a revision. */
  readonly #awaiting = new Set<() => void>()
  #image: ClusterImage
  #turn: Promise<unknown> = Promise.resolve()
  #waiting = 0
  readonly #watching: Promise<void>

  /** Reads everything and begins to watch. @throws CoordinationError `unreachable` */
  static async open(
    coordination: Coordination,
    environment: { readonly clock: Clock; readonly timers: Timers },
    logger: Logger,
  ): Promise<MetadataStore> {
    const image = imageOf(await coordination.read(''))
    return new MetadataStore(coordination, environment, logger, image)
  }

  private constructor(
    coordination: Coordination,
    environment: { readonly clock: Clock; readonly timers: Timers },
    logger: Logger,
    image: ClusterImage,
  ) {
    this.coordination = coordination
    this.#environment = environment
    this.#logger = logger
    this.#image = image
    this.#watching = this.#watch()
  }

  /** The cluster as this broker knows it now. */
  get image(): ClusterImage {
    return this.#image
  }

  /** @returns a function that ends the listening. */
  onChange(listener: ImageListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Carries out a decision: `decide` is given the image, and again with a newer one as long as
   * something its expectations rest on had changed. It must be a pure function of the image.
   * Decisions of this broker run one after the other.
   * @returns the result of the decision that was committed; `image` holds its writes by then.
   * @throws whatever `decide` throws, nothing being written; KafkaError REQUEST_TIMED_OUT when the
   *   store fails (it may have been written), when too many decisions wait, or when others changed the
   *   same thing every time.
   */
  commit<Result>(decide: (image: ClusterImage) => Decision<Result>): Promise<Result> {
    if (this.#waiting >= MAX_WAITING) {
      const detail = `${MAX_WAITING} changes of the metadata wait already`
      return Promise.reject(new KafkaError('REQUEST_TIMED_OUT', detail))
    }
    this.#waiting += 1
    const work = this.#turn
      .then(() => this.#carryOut(decide))
      .finally(() => {
        this.#waiting -= 1
      })
    this.#turn = work.catch(() => {})
    return work
  }

  /** Stops watching and waits for the decisions under way. The coordination stays open. */
  async close(): Promise<void> {
    await this.#turn
    this.#stop.abort()
    await this.#watching
  }

  async #carryOut<Result>(decide: (image: ClusterImage) => Decision<Result>): Promise<Result> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { result, ...commit } = decide(this.#image)
      const { puts = [], deletes = [], deletePrefixes = [] } = commit
      if (puts.length + deletes.length + deletePrefixes.length === 0) return result
      try {
        const outcome = await this.coordination.commit(commit)
        await this.#reach(outcome.revision)
        if (outcome.committed) return result
      } catch (cause) {
        throw asKafkaError(cause)
      }
    }
    const detail = `the metadata changed under each of ${MAX_ATTEMPTS} attempts`
    throw new KafkaError('REQUEST_TIMED_OUT', detail)
  }

  /** Waits for the watch to tell of `revision`; reads everything when it takes too long. */
  async #reach(revision: number): Promise<void> {
    if (this.#image.revision >= revision) return
    const { clock, timers } = this.#environment
    const arrived = await new Promise<boolean>((resolve) => {
      const timer = timers.at(clock.monotonic() + CATCH_UP_MS, () => done(false))
      const look = () => {
        if (this.#image.revision >= revision) done(true)
      }
      const done = (reached: boolean) => {
        timer.cancel()
        this.#awaiting.delete(look)
        resolve(reached)
      }
      this.#awaiting.add(look)
    })
    if (!arrived) await this.#readAll()
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        const changes = this.coordination.watch('', this.#image.revision, signal)
        for await (const change of changes) this.#changed(change)
      } catch (error) {
        if (!(error instanceof CoordinationError)) throw error
        if (error.reason === 'closed') return
        this.#logger.warn({ error }, 'The watch of the metadata broke off; reading it again.')
        await this.#recover()
      }
    }
  }

  async #recover(): Promise<void> {
    try {
      await this.#readAll()
    } catch (error) {
      this.#logger.error({ error }, 'The metadata could not be read.')
      await this.#pause()
    }
  }

  #pause(): Promise<void> {
    const { clock, timers } = this.#environment
    return new Promise((resolve) => {
      const timer = timers.at(clock.monotonic() + RETRY_MS, () => resolve())
      const stopped = () => {
        timer.cancel()
        resolve()
      }
      this.#stop.signal.addEventListener('abort', stopped, { once: true })
    })
  }

  async #readAll(): Promise<void> {
    const image = imageOf(await this.coordination.read(''))
    if (image.revision <= this.#image.revision) return
    this.#become(image, deltaBetween(this.#image, image))
  }

  /** Changes that a full read was faster with are skipped. */
  #changed(change: Change): void {
    if (change.revision <= this.#image.revision) return
    const { image, delta } = applyChange(this.#image, change)
    this.#become(image, delta)
  }

  #become(image: ClusterImage, delta: ImageDelta): void {
    const previous = this.#image
    assert(image.revision > previous.revision, 'an image may not go back')
    this.#image = image
    for (const listener of this.#listeners) listener({ ...delta, image, previous })
    for (const look of [...this.#awaiting]) look()
  }
}

function asKafkaError(cause: unknown): unknown {
  if (!(cause instanceof CoordinationError)) return cause
  const detail =
    cause.reason === 'limit'
      ? `Unable to perform excessively large batch operation: ${cause.message}`
      : `the metadata store failed: ${cause.message}`
  const error = cause.reason === 'limit' ? 'POLICY_VIOLATION' : 'REQUEST_TIMED_OUT'
  return new KafkaError(error, detail, { cause })
}
