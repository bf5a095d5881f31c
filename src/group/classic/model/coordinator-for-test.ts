import type { Ticket } from '../../../coordinator/machine.ts'
import type { Random } from '../../../kernel/environment.ts'
import { errors } from '../../../protocol/errors.ts'
import {
  type Decide,
  type Settings,
  type SyncAnswer,
  TestCoordinator,
} from '../coordinator-for-test.ts'
import type { ClassicEvent } from '../decide.ts'
import { must } from './violation-for-test.ts'

/** An answer that waits until what was written before it is committed. */
interface Held {
  readonly to: Ticket
  readonly answer: object
  readonly recordCount: number
}

/**
 * A coordinator with a log that commits late: answers leave once the records before them are
 * committed, and a coordinator that dies loses any records that are not.
 */
export class ModelCoordinator extends TestCoordinator {
  /** How often the group was read from its records. */
  lives = 1
  /** Who was not answered yet, and what they asked. */
  readonly open = new Map<Ticket, ClassicEvent>()
  /** Which of them answered. */
  readonly answeredIn = new Map<Ticket, number>()
  #held: Held[] = []
  #committedCount = 0

  constructor(settings: Settings, decide: Decide) {
    super(settings, decide)
  }

  override submit(event: ClassicEvent): Ticket {
    const ticket = super.submit(event)
    if (!this.answers.has(ticket)) this.open.set(ticket, event)
    return ticket
  }

  protected override reply(to: Ticket, answer: object): void {
    const isHeld = this.#held.some((held) => held.to === to)
    must(!isHeld && !this.answers.has(to), () => `ticket ${to} is answered twice`)
    this.#held.push({ to, answer, recordCount: this.records.length })
    this.#release()
  }

  /** Tickets that neither have their answer nor wait for the log alone: the group must know them. */
  waiting(): readonly Ticket[] {
    return [...this.open.keys()].filter((ticket) => !this.#held.some(({ to }) => to === ticket))
  }

  commit(): void {
    this.#committedCount = this.records.length
    this.#release()
  }

  /** Another coordinator takes over, with the committed records and perhaps some of the others. */
  die(random: Random): void {
    const { records } = this
    records.length = this.#committedCount + random.below(records.length - this.#committedCount + 1)
    this.#committedCount = records.length
    this.#held = []
    for (const ticket of this.open.keys()) {
      this.answers.set(ticket, { errorCode: errors.NOT_COORDINATOR.code })
    }
    this.open.clear()
    this.lives += 1
    this.reload()
  }

  #release(): void {
    const isFree = ({ recordCount }: Held) => recordCount <= this.#committedCount
    const free = this.#held.filter(isFree)
    this.#held = this.#held.filter((held) => !isFree(held))
    for (const { to, answer } of free) {
      this.#mustBeOnRecord(to, answer)
      this.answers.set(to, answer)
      this.answeredIn.set(to, this.lives)
      this.open.delete(to)
    }
  }

  /** Who is told its part must not be told otherwise by the next coordinator. */
  #mustBeOnRecord(ticket: Ticket, answer: object): void {
    const asked = this.open.get(ticket)
    if (asked?.type !== 'sync-group') return
    // A ticket of a SyncGroup is answered as one.
    const { errorCode } = answer as SyncAnswer
    const recorded = this.records[this.#committedCount - 1]?.value?.generation ?? 0
    must(
      errorCode !== 0 || recorded >= asked.request.generationId,
      () => `generation ${asked.request.generationId} is told, but ${recorded} is on record`,
    )
  }
}
