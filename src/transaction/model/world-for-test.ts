import type { Random } from '../../kernel/environment.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import type { EndingTransaction } from '../ending.ts'
import type { TransactionShard } from '../shard.ts'
import type { TransactionVersion } from '../transaction.ts'
import { ID, partitions, TestTransactions, TIMEOUT_MS } from '../transactions-for-test.ts'
import { type Marker, ModelPartition } from './partition-for-test.ts'
import { Verdicts } from './verdicts-for-test.ts'

/** What the model does wrong on purpose. */
export interface PlantedBug {
  readonly sentence: string
  /** The cluster in which it shows soonest; 2 unless told. Old clients keep their epoch. */
  readonly version?: TransactionVersion
  readonly newShard?: (onEnding: () => void) => TransactionShard
  /** Partitions take markers of every coordinator. */
  readonly acceptsOldCoordinators?: true
  /** Partitions take the first batch of a transaction without asking. */
  readonly skipsVerification?: true
  /** Partitions take a batch into the transaction of an epoch before. */
  readonly joinsEpochBefore?: true
  /** Acknowledgements are taken to be about what is being ended when they come. */
  readonly forgetsDecisions?: true
  /** Acknowledgements of what a former coordinator has sent count. */
  readonly takesFormerAnswers?: true
  /** One partition that is told stands for all. */
  readonly takesOneForAll?: true
}

/** The coordinator died in the middle of an event. */
class Died extends Error {}

export interface ModelOptions {
  readonly seed: number
  readonly bug?: PlantedBug | undefined
  /** The coordinator dies right after its so-manieth record, before anybody is answered. */
  readonly dieAfterRecord?: number | undefined
  /** The level of the cluster; below 2 all clients are old ones. */
  readonly version?: TransactionVersion
}

const PARTITIONS = 3

/** A coordinator, the partitions of one topic, and the network between them and the clients. */
export class ModelWorld {
  readonly topic = 't'
  readonly random: Random
  readonly verdicts = new Verdicts()
  readonly partitions: readonly ModelPartition[]
  readonly #on: TestTransactions
  readonly #bug: PlantedBug | undefined
  #coordinatorEpoch = 0
  #dieAfterRecord: number | undefined
  #inNetwork: (() => unknown)[] = []
  /** Markers that are on their way or were. Those of old clients are not sent a second time by the same
   *  coordinator: nothing would tell a late copy from the end of the next transaction. */
  readonly #sentOnce = new Set<string>()
  lives = 1

  constructor({ seed, bug, dieAfterRecord, version = 2 }: ModelOptions) {
    this.random = seededRandom(seed)
    this.#bug = bug
    this.#dieAfterRecord = dieAfterRecord
    this.#on = new TestTransactions({
      version,
      ...(bug?.newShard && { newShard: bug.newShard }),
      onRecord: (count) => {
        if (count !== this.#dieAfterRecord) return
        this.#dieAfterRecord = undefined
        throw new Died()
      },
    })
    this.partitions = Array.from(
      { length: PARTITIONS },
      (_, index) => new ModelPartition(index, this.verdicts),
    )
  }

  get recordCount(): number {
    return this.#on.log.length
  }

  /** A request that may be lost, there or back. */
  call<T>(ask: (on: TestTransactions) => T): T | 'lost' {
    if (this.random.below(15) === 0) return 'lost'
    const answer = this.#attempt(ask)
    return this.random.below(15) === 0 ? 'lost' : answer
  }

  /** What was on its way comes some time, or never. */
  later(arrive: () => unknown): void {
    this.#inNetwork.push(arrive)
  }

  /** A leader takes a record, after it has asked the coordinator where the protocol says so. */
  produce(
    version: 0 | 2,
    partition: ModelPartition,
    producerId: number,
    producerEpoch: number,
    sequence: number,
    tag: string,
  ): 'appended' | 'later' | 'refused' {
    const openOf = this.#bug?.joinsEpochBefore ? undefined : producerEpoch
    if (!partition.isOpenFor(producerId, openOf) && !this.#bug?.skipsVerification) {
      const other = { producerId, producerEpoch, clientVersion: version }
      const name = `${this.topic}-${partition.index}`
      const error = this.#attempt((on) =>
        version === 2 ? on.add(name, other) : on.verify(name, other),
      )
      if (error === 'lost' || error === 'CONCURRENT_TRANSACTIONS') return 'later'
      if (error !== 'NONE') return 'refused'
    }
    return partition.append(producerId, producerEpoch, sequence, tag) ? 'appended' : 'refused'
  }

  /** Something that no client does. */
  step(): void {
    const kinds = [
      () => this.#deliver(),
      () => this.#deliver(),
      () => this.#tell(true),
      () => this.#tell(true),
      () => this.#passTime(),
    ]
    if (this.random.below(40) === 0) this.#die()
    else kinds[this.random.below(kinds.length)]!()
  }

  /** Nothing is lost any more: what is decided is told, and what is open times out. */
  settle(): void {
    this.#inNetwork = []
    for (let round = 0; round < 4; round++) {
      this.#die()
      this.#on.nowMs += 10 ** 7
      this.#attempt((on) => on.abortOverdue())
      this.#die()
      for (let turn = 0; turn < PARTITIONS * 2; turn++) this.#tell(false)
    }
    this.verdicts.settled()
    for (const { index, openTags } of this.partitions) {
      if (openTags.length > 0) throw new Error(`${openTags} hang in ${index}`)
    }
  }

  #attempt<T>(ask: (on: TestTransactions) => T): T | 'lost' {
    try {
      return ask(this.#on)
    } catch (error) {
      if (!(error instanceof Died)) throw error
      this.#die()
      return 'lost'
    }
  }

  #die(): void {
    this.lives += 1
    this.#coordinatorEpoch += 1
    this.#on.reload()
  }

  #deliver(): void {
    if (this.#inNetwork.length === 0) return
    const at = this.random.below(this.#inNetwork.length)
    const [arrive] = this.#inNetwork.splice(at, 1)
    if (this.random.below(8) !== 0) arrive!()
  }

  #passTime(): void {
    this.#on.nowMs += this.random.below(4) === 0 ? TIMEOUT_MS + 1 : this.random.below(15_000)
    this.#attempt((on) => on.abortOverdue())
  }

  /** Sends the markers of what is being ended. @param mayFail they may be late, lost or doubled. */
  #tell(mayFail: boolean): void {
    for (const ending of this.#on.shard.endings()) {
      for (const index of ending.partitions.get(this.topic) ?? []) {
        this.#send(ending, this.partitions[index]!, mayFail)
      }
    }
  }

  #send(ending: EndingTransaction, partition: ModelPartition, mayFail: boolean): void {
    const { decisionOffset, transactionVersion } = ending
    const once = `${decisionOffset} ${partition.index} ${this.#coordinatorEpoch}`
    if (transactionVersion < 2 && mayFail && this.#sentOnce.has(once)) return
    const isOld = this.#bug?.acceptsOldCoordinators
    const marker = { ...ending, coordinatorEpoch: isOld ? 0 : this.#coordinatorEpoch }
    const arrive = () => this.#arrive(marker, ending, partition, mayFail)
    this.#sentOnce.add(once)
    if (mayFail && this.random.below(3) === 0) this.later(arrive)
    else arrive()
  }

  #arrive(
    marker: Marker,
    ending: EndingTransaction,
    partition: ModelPartition,
    mayFail: boolean,
  ): void {
    if (!partition.end(marker)) return
    const sentBy = this.#bug?.acceptsOldCoordinators ? undefined : marker.coordinatorEpoch
    const acknowledge = () => {
      // Of a coordinator before: its successor has sent a marker of its own, which may be on its way.
      const isOfFormer = sentBy !== undefined && sentBy !== this.#coordinatorEpoch
      if (!isOfFormer || this.#bug?.takesFormerAnswers) this.#acknowledge(ending, partition.index)
    }
    if (!mayFail) acknowledge()
    else if (this.random.below(4) !== 0) this.later(acknowledge)
    if (mayFail && this.random.below(4) === 0) acknowledge()
  }

  #acknowledge({ decisionOffset, partitions: all }: EndingTransaction, index: number): void {
    const isForgotten = this.#bug?.forgetsDecisions
    this.#attempt((on) =>
      on.ask({
        type: 'markers-written',
        transactionalId: ID,
        decisionOffset: isForgotten ? on.transaction.recordOffset : decisionOffset,
        partitions: this.#bug?.takesOneForAll ? all : partitions(`${this.topic}-${index}`),
      }),
    )
  }
}
