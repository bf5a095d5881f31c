import type { BrokerConfig } from '../config/broker.ts'
import { CoordinatorRuntime, type RuntimeSettings } from '../coordinator/runtime.ts'
import type { Environment, Timer } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { EndMarker } from '../records/end-marker.ts'
import type { Partition } from '../replication/partition.ts'
import type { FreshIdNeeded, TransactionAnswers, TransactionEvent } from '../transaction/events.ts'
import type { TransactionRecord } from '../transaction/records.ts'
import { TransactionShard } from '../transaction/shard.ts'
import type { Transaction, TransactionVersion } from '../transaction/transaction.ts'
import type { TransactionNote, TransactionWorld } from '../transaction/world.ts'
import { type DecidedEnds, MarkerSender } from './marker-sender.ts'

export interface TransactionsOptions {
  readonly environment: Environment
  readonly logger: Logger
  /** A partition of `__transaction_state`; undefined when it is not on this broker. */
  readonly partition: (index: number) => Partition | undefined
  readonly partitionCount: () => number
  readonly settings: () => RuntimeSettings
  readonly broker: () => BrokerConfig
  /** The level of `transaction.version`. */
  readonly transactionVersion: () => TransactionVersion
  /** An id that nobody has had. @throws KafkaError (rejects) when there is none to be had. */
  readonly freshProducerId: () => Promise<number>
  /** Whether there is such a partition. */
  readonly exists: (topic: string, partition: number) => boolean
  /** Ends a transaction in a partition. Resolves when that is committed.
   *  @throws KafkaError (rejects) as `Partition.endTransaction`. */
  readonly tell: (topic: string, partition: number, marker: EndMarker) => Promise<void>
}

/** Events that may have to be repeated with a fresh producer id. */
type IdEvent = Extract<TransactionEvent, { readonly freshProducerId: number | undefined }>
type AnswerTo<Type extends keyof TransactionAnswers> = Exclude<
  TransactionAnswers[Type],
  FreshIdNeeded
>

/**
 * The transactions that this broker coordinates: those of the partitions of `__transaction_state` it
 * leads. Sees to what no client asks for: that partitions are told how transactions ended, and that those
 * which are open for too long are aborted.
 */
export class Transactions {
  readonly #options: TransactionsOptions
  readonly #runtime: CoordinatorRuntime<
    TransactionRecord,
    TransactionNote,
    TransactionEvent,
    TransactionWorld,
    TransactionShard
  >
  readonly #sender: MarkerSender
  #look: Timer | undefined
  #isClosed = false

  constructor(options: TransactionsOptions) {
    this.#options = options
    const { environment, exists, logger, partition, partitionCount, settings, tell } = options
    this.#sender = new MarkerSender({
      environment,
      logger,
      decided: (take) => this.#decided(take),
      coordinatorEpoch: (index) => partition(index)?.leaderEpoch,
      exists,
      tell,
      acknowledge: (index, { decisionOffset, transactionalId }, partitions) => {
        const event = { type: 'markers-written', transactionalId, decisionOffset } as const
        return this.#runtime.submit(index, { ...event, partitions })
      },
    })
    this.#runtime = new CoordinatorRuntime({
      environment,
      logger,
      partition,
      partitionCount,
      newMachine: () => new TransactionShard(() => this.#sender.wake()),
      world: () => this.#world(),
      settings,
      isDivisible: ({ type }) => type === 'expire',
    })
    this.#runtime.update()
    this.#lookLater()
  }

  /** Takes up partitions that this broker leads now, and lets go of others. */
  update(): Promise<void> {
    this.#runtime.update()
    return this.#runtime.loaded()
  }

  /** The partition of `__transaction_state` that a transactional id belongs to. */
  partitionOf(transactionalId: string): number {
    return this.#runtime.partitionOf(transactionalId)
  }

  /**
   * Lets the machine of a transactional id decide an event and gives its answer, once all it rests on is
   * committed. Gets it a producer id when that takes one.
   * @throws KafkaError (rejects) as `CoordinatorRuntime.submit`.
   */
  async submit<Type extends Exclude<TransactionEvent['type'], 'expire'>>(
    event: TransactionEvent & { readonly type: Type; readonly transactionalId: string },
  ): Promise<AnswerTo<Type>> {
    const index = this.partitionOf(event.transactionalId)
    const answer = await this.#runtime.submit(index, event)
    // The machine answers each event with the answer of its type: `TransactionAnswers` is that contract.
    if (!('needsFreshId' in answer)) return answer as AnswerTo<Type>
    const freshProducerId = await this.#options.freshProducerId()
    // Only events that take an id are answered so.
    const again = { ...(event as IdEvent), freshProducerId }
    return (await this.#runtime.submit(index, again)) as AnswerTo<Type>
  }

  /** What is known of a transactional id, given once it is committed; undefined when it is unknown.
   *  @throws KafkaError (rejects) as `CoordinatorRuntime.submit`. */
  find(transactionalId: string): Promise<Transaction | undefined> {
    const index = this.partitionOf(transactionalId)
    return this.#runtime.query(index, (shard) => shard.get(transactionalId))
  }

  /** Looks at every partition that is loaded. @throws KafkaError (rejects) as `queryAll` of the runtime. */
  queryAll<T>(
    read: (shard: TransactionShard, world: TransactionWorld) => T,
  ): Promise<readonly T[]> {
    return this.#runtime.queryAll(read)
  }

  /** Refuses new requests, answers those whose records are on their way, and lets go of everything.
   *  What is not told yet is told after the next start. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#look?.cancel()
    this.#sender.close()
    await this.#runtime.close()
  }

  /** Of each coordinator by itself, as long as it is one in the same epoch before and after. */
  async #decided(take: (ends: DecidedEnds) => void): Promise<void> {
    const { partition } = this.#options
    await Promise.all(
      this.#runtime.partitions().map(async (coordinator) => {
        const coordinatorEpoch = partition(coordinator)?.leaderEpoch
        try {
          const endings = await this.#runtime.query(coordinator, (shard) => shard.endings())
          const isSame = partition(coordinator)?.leaderEpoch === coordinatorEpoch
          if (coordinatorEpoch === undefined || !isSame) return
          take({ coordinator, coordinatorEpoch, endings })
        } catch (error) {
          if (!(error instanceof KafkaError)) throw error
          this.#sender.wakeLater()
        }
      }),
    )
  }

  #lookLater(): void {
    if (this.#isClosed) return
    const { broker, environment } = this.#options
    const delayMs = broker()['transaction.abort.timed.out.transaction.cleanup.interval.ms']
    this.#look = environment.timers.at(environment.clock.monotonic() + delayMs, () => {
      void this.#abortOverdue().then(() => this.#lookLater())
    })
  }

  async #abortOverdue(): Promise<void> {
    for (const index of this.#runtime.partitions()) {
      const overdue = await this.#runtime
        .query(index, (shard, world) => shard.overdue(world))
        .catch(nothingNow)
      await Promise.all(overdue.map((transaction) => this.#abort(transaction)))
    }
  }

  async #abort({ producerId, transactionalId }: Transaction): Promise<void> {
    const event = { type: 'abort-overdue', transactionalId, producerId } as const
    const { logger } = this.#options
    try {
      const { error } = await this.submit({ ...event, freshProducerId: undefined })
      if (error === 'NONE')
        logger.info({ transactionalId }, 'A transaction took too long: aborted.')
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      logger.debug({ transactionalId, error }, 'An overdue transaction is aborted later.')
    }
  }

  #world(): TransactionWorld {
    const { broker, environment, transactionVersion } = this.#options
    return {
      nowMs: environment.clock.now(),
      monotonicMs: environment.clock.monotonic(),
      broker: broker(),
      transactionVersion: transactionVersion(),
    }
  }
}

/** A partition that cannot be asked is asked again when it is loaded, or at the next look. */
function nothingNow(error: unknown): readonly never[] {
  if (error instanceof KafkaError) return []
  throw error
}
