/** For the tests of this folder: one partition's machine and what a coordinator does around it. Effects
 *  are carried out at once, records are written as bytes, time stands still until it is moved. */
import { type BrokerConfig, brokerConfig } from '../config/broker.ts'
import { NO_TICKET, type StoredRecord } from '../coordinator/machine.ts'
import type { EndingTransaction } from './ending.ts'
import type { ProducerIdAnswer, TransactionAnswers, TransactionEvent } from './events.ts'
import { NO_PARTITIONS, partitionsOf, type TransactionPartitions } from './partitions.ts'
import { TransactionShard } from './shard.ts'
import type { Transaction, TransactionContent, TransactionVersion } from './transaction.ts'
import type { TransactionEffect, TransactionWorld } from './world.ts'

export const ID = 'payments'
export const PRODUCER_ID = 4_000
export const TIMEOUT_MS = 60_000
export const START_MS = 1_767_225_600_000

const { values: defaults } = brokerConfig.parse({})

/** `t-0 t-1` */
export function partitions(names: string): TransactionPartitions {
  const topics = names.split(' ').filter((name) => name !== '')
  return partitionsOf(
    topics.map((name) => {
      const at = name.lastIndexOf('-')
      return { topic: name.slice(0, at), partitionIds: [Number(name.slice(at + 1))] }
    }),
  )
}

/** As `partitions` takes them, sorted. */
export function namesOf(of: TransactionPartitions): string {
  return [...of]
    .flatMap(([topic, ids]) => [...ids].map((id) => `${topic}-${id}`))
    .sort()
    .join(' ')
}

export interface TestTransactionsOptions {
  readonly settings?: Partial<BrokerConfig>
  readonly version?: TransactionVersion
  /** How the machine decides; a planted bug is put around it. */
  readonly newShard?: (onEnding: () => void) => TransactionShard
  /** Told after every record how many there are. */
  readonly onRecord?: (count: number) => void
}

/** Decides an event without an id for who needs none. */
type Asked<T extends keyof TransactionAnswers> = TransactionEvent & { readonly type: T }

export class TestTransactions {
  shard: TransactionShard
  nowMs = START_MS
  version: TransactionVersion
  /** How often the shard said that ends are to be told. */
  bells = 0
  readonly log: StoredRecord[] = []
  readonly timers = new Map<string, TransactionEvent>()
  readonly #broker: BrokerConfig
  readonly #newShard: (onEnding: () => void) => TransactionShard
  readonly #onRecord: (count: number) => void
  #nextProducerId = PRODUCER_ID
  #answer: object | undefined

  constructor(options: TestTransactionsOptions = {}) {
    this.#broker = { ...defaults, ...options.settings }
    this.version = options.version ?? 2
    this.#onRecord = options.onRecord ?? (() => {})
    this.#newShard = options.newShard ?? ((onEnding) => new TransactionShard(onEnding))
    this.shard = this.#emptyShard()
    this.carryOut(this.shard.loaded(this.world))
  }

  /** With a transactional id as it is said to be. */
  static with(
    content: Partial<TransactionContent>,
    options: TestTransactionsOptions = {},
  ): TestTransactions {
    const test = new TestTransactions(options)
    const whole = { ...CONTENT, ...content }
    const record = { transactionalId: ID, content: whole, valueVersion: 1 } as const
    test.carryOut([{ type: 'append', record }])
    return test
  }

  get world(): TransactionWorld {
    const { nowMs, version: transactionVersion } = this
    return { nowMs, monotonicMs: nowMs, broker: this.#broker, transactionVersion }
  }

  get transaction(): Transaction {
    const transaction = this.shard.get(ID)
    if (transaction === undefined) throw new Error(`there is no ${ID}`)
    return transaction
  }

  get ending(): EndingTransaction {
    const [ending] = this.shard.endings()
    if (ending === undefined) throw new Error('nothing is being ended')
    return ending
  }

  /** @returns the answer to an event. */
  ask<T extends keyof TransactionAnswers>(event: Asked<T>): TransactionAnswers[T] {
    this.#answer = undefined
    this.carryOut(this.shard.decide(event, 1, this.world))
    if (this.#answer === undefined) throw new Error(`${event.type} was not answered`)
    // The machine answers each event with the answer of its type.
    return this.#answer as TransactionAnswers[T]
  }

  /** As the shell asks: with a fresh id when one is needed. */
  askForId(
    event: Asked<'init-producer-id' | 'end-transaction' | 'abort-overdue'>,
  ): ProducerIdAnswer {
    const answer = this.ask(event)
    if (!('needsFreshId' in answer)) return answer
    const again = this.ask({ ...event, freshProducerId: this.#nextProducerId++ })
    if ('needsFreshId' in again) throw new Error(`${event.type} needs a second id`)
    return again
  }

  init(options: {
    readonly id?: string
    readonly timeoutMs?: number
    readonly expected?: readonly [producerId: number, producerEpoch: number]
    readonly enable2Pc?: boolean
    readonly keepPrepared?: boolean
  }): ProducerIdAnswer {
    const { expected } = options
    return this.askForId({
      type: 'init-producer-id',
      transactionalId: options.id ?? ID,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      expected: expected && { producerId: expected[0], producerEpoch: expected[1] },
      enable2Pc: options.enable2Pc ?? false,
      keepPrepared: options.keepPrepared ?? false,
      freshProducerId: undefined,
    })
  }

  /** By the producer that it is, or by one that differs from it. */
  add(names: string, other: Other = {}): string {
    const { clientVersion = this.version, ...producer } = other
    const event = { type: 'add-partitions', partitions: partitions(names), clientVersion } as const
    return this.ask({ ...event, ...this.#producer(producer) }).error
  }

  verify(names: string, other: Other = {}): string {
    const { clientVersion: _, ...producer } = other
    const event = { type: 'verify-partitions', partitions: partitions(names) } as const
    const { error, missing } = this.ask({ ...event, ...this.#producer(producer) })
    return missing.size === 0 ? error : `without ${namesOf(missing)}`
  }

  end(isCommitted: boolean, other: Other = {}): ProducerIdAnswer {
    const { clientVersion = this.version, ...producer } = other
    return this.askForId({
      type: 'end-transaction',
      ...this.#producer(producer),
      isCommitted,
      clientVersion,
      freshProducerId: undefined,
    })
  }

  /** Every partition acknowledges what is being ended. */
  tellAll(): void {
    for (const { transactionalId, decisionOffset, partitions: told } of this.shard.endings()) {
      this.ask({ type: 'markers-written', transactionalId, decisionOffset, partitions: told })
    }
  }

  /** What the shell does every `transaction.abort.timed.out.transaction.cleanup.interval.ms`. */
  abortOverdue(): readonly ProducerIdAnswer[] {
    return this.shard.overdue(this.world).map(({ transactionalId, producerId }) =>
      this.askForId({
        type: 'abort-overdue',
        transactionalId,
        producerId,
        freshProducerId: undefined,
      }),
    )
  }

  /** The coordinator dies, and another reads the log. */
  reload(endOffset = this.log.length): void {
    this.log.length = endOffset
    this.timers.clear()
    this.shard = this.#emptyShard()
    this.log.forEach((stored, offset) => {
      const record = this.shard.decode(stored)
      if (record !== undefined) this.shard.apply(record, offset)
    })
    this.carryOut(this.shard.loaded(this.world))
  }

  carryOut(effects: readonly TransactionEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'append':
          this.shard.apply(effect.record, this.log.push(this.shard.encode(effect.record)) - 1)
          this.#onRecord(this.log.length)
          break
        case 'note':
          this.shard.note(effect.note)
          break
        case 'reply':
          if (this.#answer !== undefined) throw new Error('an event is answered twice')
          if (effect.to !== NO_TICKET) this.#answer = effect.answer
          break
        case 'timer':
          this.timers.set(effect.key, effect.event)
          break
        case 'cancel-timer':
        case 'refuse':
          throw new Error(`the machine has no use for ${effect.type}`)
      }
    }
  }

  #emptyShard(): TransactionShard {
    return this.#newShard(() => {
      this.bells += 1
    })
  }

  #producer({ id = ID, producerId, producerEpoch }: Other) {
    const known = this.shard.get(id)
    return {
      transactionalId: id,
      producerId: producerId ?? known?.producerId ?? 0,
      producerEpoch: producerEpoch ?? known?.producerEpoch ?? 0,
    }
  }
}

/** What differs from the producer that a transactional id has. */
export interface Other {
  readonly id?: string
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly clientVersion?: TransactionVersion
}

/** An id that was used before and has epoch 5. */
export const CONTENT: TransactionContent = {
  state: 'empty',
  producerId: 77,
  previousProducerId: 77,
  nextProducerId: -1,
  producerEpoch: 5,
  timeoutMs: TIMEOUT_MS,
  partitions: NO_PARTITIONS,
  startMs: START_MS,
  lastUpdateMs: START_MS,
  clientVersion: 2,
}

/** Content of a state as it may be: what is open and what is being ended has partitions. */
export const stateContents = {
  empty: { state: 'empty', startMs: -1 },
  ongoing: { state: 'ongoing', partitions: partitions('a-0 b-1') },
  'prepare-commit': { state: 'prepare-commit', partitions: partitions('a-0 b-1') },
  'prepare-abort': { state: 'prepare-abort', partitions: partitions('a-0 b-1') },
  'complete-commit': { state: 'complete-commit' },
  'complete-abort': { state: 'complete-abort' },
} as const satisfies Record<TransactionContent['state'], Partial<TransactionContent>>
