import { assert } from '../kernel/assert.ts'
import type { Timer } from '../kernel/environment.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { Partition, PartitionWaiter } from '../replication/partition.ts'
import { PendingAcks } from '../replication/pending-acks.ts'
import { Gathering, maxRecordBytes, roomOfBatch } from './gathering.ts'
import { KeyedTimers } from './keyed-timers.ts'
import { LoadError, load } from './load.ts'
import {
  type Effect,
  type Instant,
  type Machine,
  NO_TICKET,
  type ProducerOfRecord,
  type StoredRecord,
  type Ticket,
} from './machine.ts'
import type { RuntimeOptions } from './runtime.ts'
import { type Caller, Tickets } from './tickets.ts'

/** How long an event that nobody waits for is put off when its records cannot be written now. */
const RETRY_MS = 500

/*
 *  loading ──everything taken over──▶ active ──append failed──▶ loading …
 *     │                                 │
 *     │ disk, or a record, in the way   │ led by another, deleted, disk failed, closed
 *     └──────────────▶ out ◀────────────┘
 */
type State<M> =
  | { readonly type: 'loading'; readonly abort: AbortController }
  | { readonly type: 'active'; readonly machine: M }
  /** Does not come back by itself. */
  | { readonly type: 'out'; readonly error: KafkaError }

type Append<Rec> = Extract<Effect<Rec, never, never>, { readonly type: 'append' }>

/**
 * The one owner of a partition's machine, as long as this broker leads the partition in one epoch. An
 * event is decided and its effects are applied within the call; what it wrote joins the batch of the
 * turn; its reply waits for the high watermark to pass everything applied so far. So nobody is told
 * what could still be lost, and nothing that was applied ever has to be taken back: when a batch
 * cannot be appended after all, the machine is thrown away and loaded anew from the log
 * (`docs/decisions/0007`).
 */
export class PartitionOwner<
  Rec,
  Note,
  Event,
  World extends Instant,
  M extends Machine<Rec, Note, Event, World>,
> implements PartitionWaiter
{
  readonly partition: Partition
  readonly leaderEpoch: number
  readonly #options: RuntimeOptions<Rec, Note, Event, World, M>
  readonly #reload: () => void
  readonly #tickets = new Tickets()
  /** Answers that wait for the high watermark. */
  readonly #parked = new PendingAcks()
  readonly #timers: KeyedTimers<Event>
  /** Events besides the machine's timers that could not be written. */
  readonly #postponed: KeyedTimers<Event>
  #postponedCount = 0
  #state: State<M> = { type: 'loading', abort: new AbortController() }
  #gathering: Gathering | undefined
  #isFlushPlanned = false
  #linger: Timer | undefined
  #expiry: Timer | undefined
  /** Behind the last record that was applied, be it written already or not. */
  #appliedEndOffset = 0

  /** @param reload arranges one more call of `load`. */
  constructor(
    partition: Partition,
    options: RuntimeOptions<Rec, Note, Event, World, M>,
    reload: () => void,
  ) {
    this.partition = partition
    this.leaderEpoch = partition.leaderEpoch
    this.#options = options
    this.#reload = reload
    const { environment } = options
    this.#timers = new KeyedTimers(environment, (key, event) => this.#timerDue(key, event))
    this.#postponed = new KeyedTimers(environment, (_key, event) => this.happened(event))
  }

  get state(): State<M>['type'] {
    return this.#state.type
  }

  /** Lets the machine decide an event. @throws KafkaError (rejects) as `CoordinatorRuntime.submit`. */
  submit(event: Event): Promise<object> {
    return new Promise((resolve, reject) => {
      const machine = this.#machine()
      const ticket = this.#tickets.open(this.#tickets.admit(resolve, reject))
      try {
        this.#decide(machine, event, ticket)
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        if (this.#tickets.isOpen(ticket)) this.#tickets.take(ticket).reject(error)
      }
    })
  }

  /** Looks at the machine now, and gives the result once what it was seen in is committed. */
  query<T>(read: (machine: M, world: World) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const value = read(this.#machine(), this.#options.world())
      const caller = this.#tickets.admit<T>(resolve, reject)
      this.#park(caller, () => caller.resolve(value))
    })
  }

  /** Decides an event that nobody waits for. One that cannot be written now comes again. */
  happened(event: Event): void {
    this.#decideUnasked(event, () => {
      const key = String(this.#postponedCount++)
      this.#postponed.set(key, this.#nowMs() + RETRY_MS, event)
    })
  }

  /** Builds the machine's state from the log. Resolves when that is over, however it ended. */
  async load(): Promise<void> {
    if (this.#state.type !== 'loading') return
    const { environment, logger, newMachine, settings } = this.#options
    const { signal } = this.#state.abort
    const machine = newMachine()
    const { loadBufferBytes, maxDecompressedBytes } = settings()
    const startedMs = this.#nowMs()
    try {
      const limits = { bufferBytes: loadBufferBytes, maxDecompressedBytes }
      const summary = await load(this.partition, machine, { environment, signal, ...limits })
      if (signal.aborted) return
      this.#becomeActive(machine)
      const fields = { partition: this.partition.name, ...summary }
      const durationMs = Math.round(this.#nowMs() - startedMs)
      if (summary.recordCount > 0) logger.info({ ...fields, durationMs }, 'Loaded a coordinator.')
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      if (!signal.aborted) this.#loadFailed(error)
    }
  }

  /** The partition's report: the high watermark moved, or the partition can no longer be used. */
  notify(): void {
    const { failure, highWatermark } = this.partition
    this.#parked.release(highWatermark)
    if (failure !== undefined) this.leave(failure)
  }

  /**
   * Lets go of the machine: everybody who waits is refused, no timer comes any more.
   * @param error what callers get from now on.
   */
  leave(error: KafkaError): void {
    this.#forget(error)
    this.#state = { type: 'out', error }
  }

  /** As `leave`, after those have been answered whose records are on their way. */
  async close(): Promise<void> {
    const over = new KafkaError('NOT_COORDINATOR', 'this broker is shutting down')
    if (this.#state.type === 'active') {
      this.#tickets.refuseAll(over)
      this.#flush()
      await this.#settled()
    }
    this.leave(over)
  }

  /** @throws KafkaError why the machine cannot be asked. */
  #machine(): M {
    const state = this.#state
    switch (state.type) {
      case 'active':
        return state.machine
      case 'loading':
        throw new KafkaError(
          'COORDINATOR_LOAD_IN_PROGRESS',
          `${this.partition.name} is being loaded`,
        )
      case 'out':
        throw state.error
    }
  }

  #becomeActive(machine: M): void {
    this.#appliedEndOffset = this.partition.log.logEndOffset
    this.#state = { type: 'active', machine }
    this.partition.waiters.add(this)
    this.#takeUp(machine)
  }

  #loadFailed(error: LoadError): void {
    const { cause, offset } = error
    this.#options.logger.error(
      { partition: this.partition.name, offset, error },
      'A coordinator could not be loaded; what it coordinates is not served.',
    )
    const isOfDisk = cause instanceof KafkaError && cause.error === 'KAFKA_STORAGE_ERROR'
    this.leave(
      isOfDisk
        ? cause
        : new KafkaError('COORDINATOR_NOT_AVAILABLE', error.message, { cause: error }),
    )
  }

  /** Carries out what the machine wants for what was loaded; again a while later when that cannot be
   *  written now. */
  #takeUp(machine: M): void {
    const state = this.#state
    if (state.type !== 'active' || state.machine !== machine) return
    const world = this.#options.world()
    try {
      this.#carryOut(machine, machine.loaded(world), world.nowMs, true)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      this.#reportUnwritten(error)
      const { timers } = this.#options.environment
      timers.at(this.#nowMs() + RETRY_MS, () => this.#takeUp(machine))
    }
  }

  /** @throws KafkaError when the machine refuses the event, or its records cannot be written; nothing
   *   is changed then. */
  #decide(machine: M, event: Event, ticket: Ticket): void {
    const world = this.#options.world()
    const effects = machine.decide(event, ticket, world)
    this.#carryOut(machine, effects, world.nowMs, this.#options.isDivisible(event))
  }

  #timerDue(key: string, event: Event): void {
    this.#decideUnasked(event, () => {
      if (!this.#timers.has(key)) this.#timers.set(key, this.#nowMs() + RETRY_MS, event)
    })
  }

  #decideUnasked(event: Event, postpone: () => void): void {
    if (this.#state.type !== 'active') return
    try {
      this.#decide(this.#state.machine, event, NO_TICKET)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      this.#reportUnwritten(error)
      if (isForLater(error)) postpone()
    }
  }

  #reportUnwritten(error: KafkaError): void {
    const fields = { partition: this.partition.name, error }
    const message = 'A coordinator could not write what was due.'
    if (isForLater(error)) this.#options.logger.debug(fields, message)
    else this.#options.logger.error(fields, message)
  }

  /**
   * Carries out the effects of one event.
   * @param isDivisible its records may be spread over several batches.
   * @throws KafkaError when its records cannot be written; nothing is changed then.
   */
  #carryOut(
    machine: M,
    effects: readonly Effect<Rec, Note, Event>[],
    nowMs: number,
    isDivisible: boolean,
  ): void {
    const stored: StoredRecord[] = []
    for (const effect of effects) {
      if (effect.type === 'append') stored.push(machine.encode(effect.record))
    }
    if (stored.length > 0 && !this.#makeRoom(stored, isDivisible)) return
    let at = 0
    for (const effect of effects) {
      if (effect.type !== 'append') this.#take(machine, effect)
      else if (!this.#append(machine, effect, stored[at++]!, nowMs)) return
    }
    if (this.#gathering !== undefined) this.#planFlush(this.#gathering)
  }

  /** @returns whether the machine is still there: writing what was gathered before may fail.
   *  @throws KafkaError when these records cannot be written. */
  #makeRoom(stored: readonly StoredRecord[], isDivisible: boolean): boolean {
    this.partition.checkMayAppend(-1)
    const sizes = stored.map(maxRecordBytes)
    const needed = isDivisible ? Math.max(...sizes) : sizes.reduce((sum, size) => sum + size, 0)
    const room = roomOfBatch(this.#options.settings().maxBatchBytes)
    if (needed > room) {
      const detail = `${this.partition.name}: records of ${needed} bytes exceed the ${room} of a batch`
      throw new KafkaError('RECORD_LIST_TOO_LARGE', detail)
    }
    if (isDivisible || this.#gathering === undefined) return true
    return this.#gathering.roomBytes >= needed || this.#flush()
  }

  /** @returns whether the machine is still there. */
  #append(machine: M, effect: Append<Rec>, stored: StoredRecord, nowMs: number): boolean {
    const { producer, record } = effect
    const open = this.#gathering
    const fits =
      open !== undefined &&
      isSameProducer(open.producer, producer) &&
      open.roomBytes >= maxRecordBytes(stored)
    if (open !== undefined && !fits && !this.#flush()) return false
    this.#gathering ??= this.#newGathering(producer)
    this.#gathering.add(stored, nowMs)
    machine.apply(record, this.#appliedEndOffset, producer)
    this.#appliedEndOffset += 1
    return true
  }

  #newGathering(producer: ProducerOfRecord | undefined): Gathering {
    const { compression, maxBatchBytes, timestampType } = this.#options.settings()
    const baseOffset = this.#appliedEndOffset
    return new Gathering({
      baseOffset,
      producer,
      compression,
      timestampType,
      maxBytes: maxBatchBytes,
    })
  }

  #take(machine: M, effect: Exclude<Effect<Rec, Note, Event>, { type: 'append' }>): void {
    switch (effect.type) {
      case 'note':
        machine.note(effect.note)
        return
      case 'reply': {
        if (effect.to === NO_TICKET) return
        const caller = this.#tickets.take(effect.to)
        this.#park(caller, () => caller.resolve(effect.answer))
        return
      }
      case 'refuse': {
        if (effect.to === NO_TICKET) return
        const caller = this.#tickets.take(effect.to)
        this.#park(caller, () => caller.reject(effect.error))
        return
      }
      case 'timer':
        this.#timers.set(effect.key, effect.dueMs, effect.event)
        return
      case 'cancel-timer':
        this.#timers.cancel(effect.key)
    }
  }

  /** Tells a caller once everything applied so far is committed. */
  #park<T>(caller: Caller<T>, tell: () => void): void {
    const endOffset = this.#appliedEndOffset
    if (endOffset <= this.partition.highWatermark) {
      tell()
      return
    }
    const dueMs = this.#nowMs() + this.#options.settings().commitTimeoutMs
    const settle = (error?: Error) => (error === undefined ? tell() : caller.reject(error))
    this.#parked.add({ endOffset, dueMs, settle })
    this.#armExpiry()
  }

  /** Resolves when nothing waits for the high watermark any more. */
  #settled(): Promise<void> {
    return new Promise((resolve) => {
      const caller = { resolve: () => resolve(), reject: () => resolve() }
      this.#park(caller, resolve)
    })
  }

  #armExpiry(): void {
    if (this.#expiry !== undefined || this.#parked.isEmpty) return
    const { timers } = this.#options.environment
    this.#expiry = timers.at(this.#parked.earliestDueMs(), () => {
      this.#expiry = undefined
      const detail = `${this.partition.name}: the replicas did not follow in time`
      this.#parked.expire(this.#nowMs(), () => new KafkaError('REQUEST_TIMED_OUT', detail))
      this.#armExpiry()
    })
  }

  /** A transaction's records share their batch with nobody, so that it is full at once. */
  #planFlush({ producer }: Gathering): void {
    const { environment, settings } = this.#options
    const { lingerMs } = settings()
    if (producer !== undefined || lingerMs === 0) {
      this.#flush()
    } else if (lingerMs > 0) {
      this.#linger ??= environment.timers.at(this.#nowMs() + lingerMs, () => this.#flush())
    } else if (!this.#isFlushPlanned) {
      this.#isFlushPlanned = true
      environment.timers.afterTurn(() => {
        this.#isFlushPlanned = false
        this.#flush()
      })
    }
  }

  /** Appends what was gathered. @returns false when that failed and the machine is gone. */
  #flush(): boolean {
    const gathering = this.#gathering
    this.#gathering = undefined
    this.#linger?.cancel()
    this.#linger = undefined
    if (gathering === undefined) return true
    try {
      const { baseOffset } = this.partition.appendAsCoordinator(gathering.build())
      if (baseOffset === gathering.baseOffset) return true
      const expected = `the batch for ${gathering.baseOffset} went to ${baseOffset}`
      this.#lose(new KafkaError('NOT_COORDINATOR', `another wrote to the partition: ${expected}`))
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      this.#lose(error)
    }
    return false
  }

  /** What was applied is not in the log: the machine is thrown away and made anew from it. */
  #lose(error: KafkaError): void {
    const { partition } = this
    this.#options.logger.error(
      { partition: partition.name, error },
      'A coordinator could not write; it is loaded anew.',
    )
    this.#forget(new KafkaError('NOT_COORDINATOR', error.message, { cause: error }))
    this.#state = { type: 'loading', abort: new AbortController() }
    this.#reload()
  }

  #forget(error: KafkaError): void {
    if (this.#state.type === 'loading') this.#state.abort.abort()
    this.partition.waiters.delete(this)
    this.#timers.cancelAll()
    this.#postponed.cancelAll()
    this.#linger?.cancel()
    this.#expiry?.cancel()
    this.#linger = undefined
    this.#expiry = undefined
    this.#gathering = undefined
    this.#parked.fail(error)
    this.#tickets.refuseAll(error)
    assert(this.#tickets.waitingCount === 0, `${this.partition.name}: somebody was not told`)
  }

  #nowMs(): number {
    return this.#options.environment.clock.monotonic()
  }
}

/** Whether what could not be written now may be written a while later. */
function isForLater(error: KafkaError): boolean {
  return error.error === 'NOT_ENOUGH_REPLICAS'
}

function isSameProducer(a: ProducerOfRecord | undefined, b: ProducerOfRecord | undefined): boolean {
  return a?.producerId === b?.producerId && a?.producerEpoch === b?.producerEpoch
}
