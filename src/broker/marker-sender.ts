import type { Environment, Timer } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { EndMarker } from '../records/end-marker.ts'
import type { EndingTransaction } from '../transaction/ending.ts'
import { partitionsOf, type TransactionPartitions, topicsOf } from '../transaction/partitions.ts'

/** Transactions that are being told at once. The others follow as these come to their ends. */
const MAX_AT_ONCE = 1_000
/** How long a partition that could not be told now is left alone. */
const RETRY_MS = 100

/** What came of telling one partition, and of telling all: it knows, or is no more · it could not be told
 *  now · it refuses the marker. */
type Outcome = 'told' | 'later' | 'refused'

/** Ends that one coordinator has decided, and committed. */
export interface DecidedEnds {
  /** Which partition of `__transaction_state` it is. */
  readonly coordinator: number
  readonly coordinatorEpoch: number
  readonly endings: readonly EndingTransaction[]
}

export interface MarkerSenderOptions {
  readonly environment: Pick<Environment, 'clock' | 'timers'>
  readonly logger: Logger
  /**
   * Hands over everything that is to be told, as far as it is committed. Never rejects.
   * @param take to be called for each coordinator in the very turn in which what it says is committed:
   *   a list that is kept may hold what has been told since, and a marker of that would be a late one.
   */
  readonly decided: (take: (ends: DecidedEnds) => void) => Promise<void>
  /** The epoch in which this broker is a coordinator; undefined when it is not. */
  readonly coordinatorEpoch: (coordinator: number) => number | undefined
  /** Whether there is such a partition: one that was deleted needs not be told. */
  readonly exists: (topic: string, partition: number) => boolean
  /** Resolves when a partition has committed the marker. */
  readonly tell: (topic: string, partition: number, marker: EndMarker) => Promise<void>
  /** Gives the acknowledgements to the coordinator. */
  readonly acknowledge: (
    coordinator: number,
    ending: EndingTransaction,
    told: TransactionPartitions,
  ) => Promise<unknown>
}

/**
 * Tells partitions how transactions ended, until each has acknowledged it. At most one marker of a
 * transaction is on its way to a partition, and none is sent again before the fate of the last is known:
 * of a client that keeps its epoch nothing tells a late marker from the end of its next transaction.
 * Acknowledgements for what a former coordinator has sent are dropped, as its successor sends again.
 */
export class MarkerSender {
  readonly #options: MarkerSenderOptions
  /** Transactional ids that are being told, by coordinator. */
  readonly #telling = new Set<string>()
  /** Partitions that refused a marker for good, which the same coordinator does not repeat. */
  readonly #refused = new Set<string>()
  #isLooking = false
  #looksAgain = false
  #retry: Timer | undefined
  #isClosed = false

  constructor(options: MarkerSenderOptions) {
    this.#options = options
  }

  /** There may be something to be told. Costs nothing while it is being looked at. */
  wake(): void {
    this.#looksAgain = true
    if (!this.#isLooking && !this.#isClosed) void this.#look()
  }

  /** What could not be looked at or told now can be a while later, perhaps. */
  wakeLater(): void {
    if (this.#isClosed) return
    const { clock, timers } = this.#options.environment
    this.#retry ??= timers.at(clock.monotonic() + RETRY_MS, () => {
      this.#retry = undefined
      this.wake()
    })
  }

  /** Nothing is sent any more. What is on its way is not waited for: it is told again after a start. */
  close(): void {
    this.#isClosed = true
    this.#retry?.cancel()
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    while (this.#looksAgain && !this.#isClosed) {
      this.#looksAgain = false
      await this.#options.decided((ends) => {
        for (const ending of ends.endings) this.#begin(ends, ending)
      })
    }
    this.#isLooking = false
  }

  #begin({ coordinator, coordinatorEpoch }: DecidedEnds, ending: EndingTransaction): void {
    const name = `${coordinator} ${ending.transactionalId}`
    if (this.#isClosed || this.#telling.has(name) || this.#telling.size >= MAX_AT_ONCE) return
    this.#telling.add(name)
    void this.#end(coordinator, coordinatorEpoch, ending).then((outcome) => {
      this.#telling.delete(name)
      // It is over, and others may wait for its place; or a while has to pass; or nothing helps.
      if (outcome === 'told') this.wake()
      else if (outcome === 'later') this.wakeLater()
    })
  }

  /** Tells all partitions, and the coordinator which of them know. */
  async #end(
    coordinator: number,
    coordinatorEpoch: number,
    ending: EndingTransaction,
  ): Promise<Outcome> {
    const { isCommitted, partitions, producerEpoch, producerId, transactionVersion } = ending
    const producer = { producerId, producerEpoch, transactionVersion }
    const marker = { ...producer, isCommitted, coordinatorEpoch }
    const open = topicsOf(partitions).flatMap(({ topic, partitionIds }) =>
      partitionIds.map((partition) => ({ topic, partition })),
    )
    const outcomes = await Promise.all(
      open.map(({ topic, partition }) => this.#tell(topic, partition, marker, ending)),
    )
    if (this.#options.coordinatorEpoch(coordinator) !== coordinatorEpoch) return 'told'
    const told = open.filter((_, index) => outcomes[index] === 'told')
    try {
      if (told.length > 0) await this.#options.acknowledge(coordinator, ending, listed(told))
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      // The coordinator is going, or too few replicas are in sync: all is told again.
      return 'later'
    }
    if (outcomes.includes('later')) return 'later'
    return outcomes.includes('refused') ? 'refused' : 'told'
  }

  async #tell(
    topic: string,
    partition: number,
    marker: EndMarker,
    { decisionOffset, transactionalId }: EndingTransaction,
  ): Promise<Outcome> {
    const { exists, logger, tell } = this.#options
    const once = `${marker.coordinatorEpoch} ${decisionOffset} ${transactionalId} ${topic} ${partition}`
    if (this.#refused.has(once)) return 'refused'
    if (!exists(topic, partition)) return 'told'
    try {
      await tell(topic, partition, marker)
      return 'told'
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      const fields = { topic, partition, transactionalId, error }
      if (!isForGood(error)) {
        logger.debug(fields, 'A partition could not be told the end of a transaction; it is later.')
        return 'later'
      }
      this.#refused.add(once)
      logger.error(fields, 'A partition refuses the end of a transaction.')
      return 'refused'
    }
  }
}

function listed(told: readonly { readonly topic: string; readonly partition: number }[]) {
  return partitionsOf(told.map(({ topic, partition }) => ({ topic, partitionIds: [partition] })))
}

/** A newer producer or coordinator has been there: no repetition changes that. */
function isForGood({ error }: KafkaError): boolean {
  return error === 'INVALID_PRODUCER_EPOCH' || error === 'TRANSACTION_COORDINATOR_FENCED'
}
