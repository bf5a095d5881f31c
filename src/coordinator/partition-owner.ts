import { KafkaError } from '../protocol/errors.ts'
import type { EndMarker } from '../records/end-marker.ts'
import type { Partition, PartitionWaiter } from '../replication/partition.ts'
import { Callers } from './callers.ts'
import { coordinatorError } from './errors.ts'
import { KeyedTimers } from './keyed-timers.ts'
import { LoadError, load } from './load.ts'
import {
  type Effect,
  type Instant,
  type Machine,
  NO_TICKET,
  type StoredRecord,
  type Ticket,
} from './machine.ts'
import { RecordWriter } from './record-writer.ts'
import type { RuntimeOptions } from './runtime.ts'

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
  readonly #callers: Callers
  readonly #writer: RecordWriter
  readonly #timers: KeyedTimers<Event>
  /** Events besides those of the machine's timers that could not be written. */
  readonly #postponed: KeyedTimers<Event>
  #postponedCount = 0
  #state: State<M> = { type: 'loading', abort: new AbortController() }

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
    const { environment, settings } = options
    this.#callers = new Callers({
      environment,
      name: partition.name,
      highWatermark: () => partition.highWatermark,
      commitTimeoutMs: () => settings().commitTimeoutMs,
    })
    const onLost = (error: KafkaError) => this.#lost(error)
    this.#writer = new RecordWriter({ partition, environment, settings, onLost })
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
      const ticket = this.#callers.open(resolve, reject)
      try {
        this.#decide(machine, event, ticket)
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        this.#callers.refuseNow(ticket, error)
      }
    })
  }

  /**
   * Writes the end of a producer's transaction and lets the machine take it over.
   * @returns resolves when it is committed.
   * @throws KafkaError (rejects) as `CoordinatorRuntime.endTransaction`.
   */
  async endTransaction(marker: EndMarker): Promise<void> {
    await new Promise((resolve, reject) => {
      const machine = this.#machine()
      const ticket = this.#callers.open(resolve, reject)
      try {
        const offset = this.#writer.addEnd(marker, this.#options.environment.clock.now())
        if (offset === undefined) return // everybody has been refused
        machine.endTransaction(marker, marker.isCommitted, offset)
        this.#callers.answer(ticket, this.#writer.endOffset, {})
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        this.#callers.refuseNow(ticket, error)
      }
    })
  }

  /** Looks at the machine now, and gives the result once what it was seen in is committed. */
  query<T>(read: (machine: M, world: World) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const value = read(this.#machine(), this.#options.world())
      this.#callers.give(this.#writer.endOffset, value, resolve, reject)
    })
  }

  /** Decides an event that nobody waits for. One that cannot be written now comes again. */
  happened(event: Event): void {
    this.#decideUnasked(event, () => {
      this.#postponed.set(String(this.#postponedCount++), this.#nowMs() + RETRY_MS, event)
    })
  }

  /** Builds the machine's state from the log. Resolves when that is over, however it ended. */
  async load(): Promise<void> {
    if (this.#state.type !== 'loading') return
    const { environment, logger, newMachine, settings } = this.#options
    const { signal } = this.#state.abort
    const { loadBufferBytes: bufferBytes, maxDecompressedBytes } = settings()
    const machine = newMachine()
    const startedMs = this.#nowMs()
    try {
      const options = { environment, bufferBytes, maxDecompressedBytes, signal }
      const summary = await load(this.partition, machine, options)
      if (signal.aborted) return
      this.#activate(machine)
      const durationMs = Math.round(this.#nowMs() - startedMs)
      const fields = { partition: this.partition.name, ...summary, durationMs }
      if (summary.recordCount > 0) logger.info(fields, 'Loaded a coordinator.')
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      if (!signal.aborted) this.#loadFailed(error)
    }
  }

  /** The partition's report: the high watermark moved, or the partition can no longer be used. */
  notify(): void {
    const { failure } = this.partition
    this.#callers.committed()
    if (failure !== undefined) this.leave(failure)
  }

  /** Lets go of the machine: everybody who waits is refused, no timer comes any more.
   *  @param error what callers get from now on. */
  leave(error: KafkaError): void {
    this.#forget(error)
    this.#state = { type: 'out', error: coordinatorError(error) }
  }

  /** As `leave`, after those have been answered whose records are on their way. */
  async close(): Promise<void> {
    const over = new KafkaError('NOT_COORDINATOR', 'this broker is shutting down')
    if (this.#state.type === 'active') {
      this.#callers.refuseOpen(over)
      this.#writer.flush()
      await this.#callers.settled(this.#writer.endOffset)
    }
    this.leave(over)
  }

  /** @throws KafkaError why the machine cannot be asked. */
  #machine(): M {
    const state = this.#state
    if (state.type === 'active') return state.machine
    if (state.type === 'out') throw state.error
    const detail = `${this.partition.name} is being loaded`
    throw new KafkaError('COORDINATOR_LOAD_IN_PROGRESS', detail)
  }

  #activate(machine: M): void {
    this.#writer.reset(this.partition.log.logEndOffset)
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
    const corrupt = () => new KafkaError('COORDINATOR_NOT_AVAILABLE', error.message, { cause })
    this.leave(isOfDisk ? cause : corrupt())
  }

  /** Carries out what the machine wants for what was loaded; again a while later when that cannot be
   *  written now. */
  #takeUp(machine: M): void {
    if (this.#state.type !== 'active' || this.#state.machine !== machine) return
    const world = this.#options.world()
    try {
      this.#carryOut(machine, machine.loaded(world), world, true)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      this.#reportUndone(error)
      const { timers } = this.#options.environment
      timers.at(this.#nowMs() + RETRY_MS, () => this.#takeUp(machine))
    }
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
      this.#reportUndone(error)
      if (isForLater(error)) postpone()
    }
  }

  #reportUndone(error: KafkaError): void {
    const fields = { partition: this.partition.name, error }
    const message = 'A coordinator could not do what was due.'
    if (isForLater(error)) this.#options.logger.debug(fields, message)
    else this.#options.logger.error(fields, message)
  }

  /** @throws KafkaError when the machine refuses the event, or its records cannot be written; nothing
   *   is changed then. */
  #decide(machine: M, event: Event, ticket: Ticket): void {
    const world = this.#options.world()
    const effects = machine.decide(event, ticket, world)
    this.#carryOut(machine, effects, world, this.#options.isDivisible(event))
  }

  /**
   * Carries out the effects of one event.
   * @param isDivisible its records may be spread over several batches.
   * @throws KafkaError when its records cannot be written; nothing is changed then.
   */
  #carryOut(
    machine: M,
    effects: readonly Effect<Rec, Note, Event>[],
    { nowMs }: World,
    isDivisible: boolean,
  ): void {
    const stored: StoredRecord[] = []
    for (const effect of effects) {
      if (effect.type !== 'append') continue
      stored.push(machine.encode(effect.record))
      if (effect.producer !== undefined) this.#writer.checkProducer(effect.producer)
    }
    if (stored.length > 0 && !this.#writer.makeRoom(stored, isDivisible)) return
    let at = 0
    for (const effect of effects) {
      if (effect.type !== 'append') {
        this.#take(machine, effect)
        continue
      }
      const offset = this.#writer.add(stored[at++]!, effect.producer, nowMs)
      if (offset === undefined) return
      machine.apply(effect.record, offset, effect.producer)
    }
    this.#writer.eventOver()
  }

  #take(machine: M, effect: Exclude<Effect<Rec, Note, Event>, { type: 'append' }>): void {
    switch (effect.type) {
      case 'note':
        machine.note(effect.note)
        return
      case 'reply':
        if (effect.to === NO_TICKET) return
        this.#callers.answer(effect.to, this.#writer.endOffset, effect.answer)
        return
      case 'refuse':
        if (effect.to === NO_TICKET) return
        this.#callers.refuse(effect.to, this.#writer.endOffset, effect.error)
        return
      case 'timer':
        if (effect.unlessRunning && this.#timers.has(effect.key)) return
        this.#timers.set(effect.key, effect.dueMs, effect.event)
        return
      case 'cancel-timer':
        this.#timers.cancel(effect.key)
    }
  }

  /** What was applied is not in the log: the machine is thrown away and made anew from it. */
  #lost(error: KafkaError): void {
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
    this.#writer.reset(0)
    this.#callers.refuseAll(error)
  }

  #nowMs(): number {
    return this.#options.environment.clock.monotonic()
  }
}

/** Whether what could not be written now may be written a while later. */
function isForLater(error: KafkaError): boolean {
  return error.error === 'NOT_ENOUGH_REPLICAS'
}
