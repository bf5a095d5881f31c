import { assert } from '../kernel/assert.ts'
import type { Environment, Timer } from '../kernel/environment.ts'
import { KafkaError } from '../protocol/errors.ts'
import { PendingAcks } from '../replication/pending-acks.ts'
import { coordinatorError } from './errors.ts'
import type { Ticket } from './machine.ts'

/** Callers of one partition that may wait at once. More are refused with COORDINATOR_NOT_AVAILABLE:
 *  their clients try again. A broker has fewer connections than this, and a connection one caller. */
export const MAX_WAITING = 100_000

/** Somebody who waits. Exactly one of the two is called, once. */
interface Caller<T> {
  resolve(answer: T): void
  reject(error: Error): void
}

export interface CallersOptions {
  readonly environment: Pick<Environment, 'clock' | 'timers'>
  /** `topic-partition`, for errors. */
  readonly name: string
  /** Everything below is committed. */
  readonly highWatermark: () => number
  /** How long an answer may wait to be committed. */
  readonly commitTimeoutMs: () => number
}

/**
 * Everybody who waits for one machine: those whom it has not answered yet, each with a ticket, and
 * those whose answer waits until all it rests on is committed.
 */
export class Callers {
  readonly #options: CallersOptions
  readonly #open = new Map<Ticket, Caller<object>>()
  readonly #parked = new PendingAcks()
  #next: Ticket = 1
  #waitingCount = 0
  #expiry: Timer | undefined

  constructor(options: CallersOptions) {
    this.#options = options
  }

  get waitingCount(): number {
    return this.#waitingCount
  }

  /** Gives a caller its ticket. @throws KafkaError COORDINATOR_NOT_AVAILABLE when too many wait. */
  open(resolve: (answer: object) => void, reject: (error: Error) => void): Ticket {
    const ticket = this.#next++
    this.#open.set(ticket, this.#admit(resolve, reject))
    return ticket
  }

  /** Tells the answer to whoever has the ticket, once everything below `endOffset` is committed. */
  answer(ticket: Ticket, endOffset: number, answer: object): void {
    const caller = this.#take(ticket)
    this.#park(caller, endOffset, () => caller.resolve(answer))
  }

  /** As `answer`, with an error. */
  refuse(ticket: Ticket, endOffset: number, error: Error): void {
    const caller = this.#take(ticket)
    this.#park(caller, endOffset, () => caller.reject(error))
  }

  /** Refuses a caller whose event changed nothing; one that has been told already is left out. */
  refuseNow(ticket: Ticket, error: Error): void {
    if (this.#open.has(ticket)) this.#take(ticket).reject(error)
  }

  /** Gives what a reader saw, once everything below `endOffset` is committed.
   *  @throws KafkaError COORDINATOR_NOT_AVAILABLE when too many wait. */
  give<T>(
    endOffset: number,
    value: T,
    resolve: (value: T) => void,
    reject: (error: Error) => void,
  ): void {
    const caller = this.#admit(resolve, reject)
    this.#park(caller, endOffset, () => caller.resolve(value))
  }

  /** Resolves when everything below `endOffset` is committed, or will not be known to be. */
  settled(endOffset: number): Promise<void> {
    return new Promise((resolve) =>
      this.#park({ resolve, reject: () => resolve() }, endOffset, resolve),
    )
  }

  /** Tells those whose answers are committed now. */
  committed(): void {
    this.#parked.release(this.#options.highWatermark())
  }

  /** Refuses those who have a ticket. Those whose answers are on their way go on waiting. */
  refuseOpen(error: Error): void {
    const callers = [...this.#open.values()]
    this.#open.clear()
    for (const caller of callers) caller.reject(error)
  }

  /** Refuses everybody. */
  refuseAll(error: Error): void {
    this.#expiry?.cancel()
    this.#expiry = undefined
    this.#parked.fail(error)
    this.refuseOpen(error)
    assert(this.#waitingCount === 0, `${this.#options.name}: a caller was not told`)
  }

  #admit<T>(resolve: (value: T) => void, reject: (error: Error) => void): Caller<T> {
    if (this.#waitingCount >= MAX_WAITING) {
      const detail = `${MAX_WAITING} requests wait for ${this.#options.name} already`
      throw new KafkaError('COORDINATOR_NOT_AVAILABLE', detail)
    }
    this.#waitingCount += 1
    return {
      resolve: (value) => {
        this.#waitingCount -= 1
        resolve(value)
      },
      reject: (error) => {
        this.#waitingCount -= 1
        reject(coordinatorError(error))
      },
    }
  }

  #take(ticket: Ticket): Caller<object> {
    const caller = this.#open.get(ticket)
    assert(caller !== undefined, `ticket ${ticket} is answered twice or was never given`)
    this.#open.delete(ticket)
    return caller
  }

  #park<T>(caller: Caller<T>, endOffset: number, tell: () => void): void {
    const { commitTimeoutMs, environment, highWatermark } = this.#options
    if (endOffset <= highWatermark()) {
      tell()
      return
    }
    const dueMs = environment.clock.monotonic() + commitTimeoutMs()
    const settle = (error?: Error) => (error === undefined ? tell() : caller.reject(error))
    this.#parked.add({ endOffset, dueMs, settle })
    this.#armExpiry()
  }

  #armExpiry(): void {
    if (this.#expiry !== undefined || this.#parked.isEmpty) return
    const { environment, name } = this.#options
    this.#expiry = environment.timers.at(this.#parked.earliestDueMs(), () => {
      this.#expiry = undefined
      const detail = `${name}: the replicas did not follow in time`
      const nowMs = environment.clock.monotonic()
      this.#parked.expire(nowMs, () => new KafkaError('REQUEST_TIMED_OUT', detail))
      this.#armExpiry()
    })
  }
}
