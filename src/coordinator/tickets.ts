import { assert } from '../kernel/assert.ts'
import { KafkaError } from '../protocol/errors.ts'
import { coordinatorError } from './errors.ts'
import type { Ticket } from './machine.ts'

/** Callers of one partition that may wait at once. More are refused with COORDINATOR_NOT_AVAILABLE:
 *  their clients try again. A broker has fewer connections than this, and a connection one caller. */
export const MAX_WAITING = 100_000

/** Somebody who waits for an answer. Exactly one of the two is called, once. */
export interface Caller<T> {
  resolve(answer: T): void
  reject(error: Error): void
}

/** The callers that a machine has not answered yet, and a count of all that wait. */
export class Tickets {
  readonly #open = new Map<Ticket, Caller<object>>()
  #next: Ticket = 1
  #waitingCount = 0

  /** Callers that have a ticket, and those whose answer waits to be committed. */
  get waitingCount(): number {
    return this.#waitingCount
  }

  /** Counts a caller as waiting until it is told. Errors reach it as clients of a coordinator know
   *  them. @throws KafkaError COORDINATOR_NOT_AVAILABLE */
  admit<T>(resolve: (answer: T) => void, reject: (error: Error) => void): Caller<T> {
    if (this.#waitingCount >= MAX_WAITING) {
      const detail = `${MAX_WAITING} requests wait for this coordinator already`
      throw new KafkaError('COORDINATOR_NOT_AVAILABLE', detail)
    }
    this.#waitingCount += 1
    return {
      resolve: (answer) => {
        this.#waitingCount -= 1
        resolve(answer)
      },
      reject: (error) => {
        this.#waitingCount -= 1
        reject(coordinatorError(error))
      },
    }
  }

  open(caller: Caller<object>): Ticket {
    const ticket = this.#next++
    this.#open.set(ticket, caller)
    return ticket
  }

  isOpen(ticket: Ticket): boolean {
    return this.#open.has(ticket)
  }

  /** The caller with this ticket, which nobody has after that. */
  take(ticket: Ticket): Caller<object> {
    const caller = this.#open.get(ticket)
    assert(caller !== undefined, `ticket ${ticket} is answered twice or was never given`)
    this.#open.delete(ticket)
    return caller
  }

  refuseAll(error: Error): void {
    const callers = [...this.#open.values()]
    this.#open.clear()
    for (const caller of callers) caller.reject(error)
  }
}
