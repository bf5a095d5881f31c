import type { Death, MachineEvents } from './machine.ts'
import { PartitionLedger, type Promises } from './partition-ledger.ts'

/** A topic as it is asked for. */
export interface TopicPlan {
  readonly name: string
  readonly partitions: number
  readonly configs: Readonly<Record<string, string>>
}

/** `deleting`: somebody has asked for it; it may be there or not. */
export type TopicState = 'alive' | 'deleting' | 'deleted'

export interface LedgerTopic {
  readonly name: string
  readonly id: string
  state: TopicState
  readonly partitions: readonly PartitionLedger[]
}

/** What all clients together know of the broker. */
export class Ledger implements Pick<MachineEvents, 'stopped' | 'died'> {
  /** By id, deleted ones too. */
  readonly topics = new Map<string, LedgerTopic>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  get alive(): readonly LedgerTopic[] {
    return [...this.topics.values()].filter(({ state }) => state === 'alive')
  }

  /** Partitions of topics that nobody wants deleted. */
  get partitions(): readonly PartitionLedger[] {
    return this.alive.flatMap(({ partitions }) => partitions)
  }

  isAlive({ topicId }: PartitionLedger): boolean {
    return this.topics.get(topicId)?.state === 'alive'
  }

  /** A topic was made. */
  add({ name, partitions, configs }: TopicPlan, id: string, life: number): LedgerTopic {
    const promises = promisesOf(configs)
    const topic: LedgerTopic = {
      name,
      id,
      state: 'alive',
      partitions: Array.from(
        { length: partitions },
        (_, index) => new PartitionLedger(`${name}-${index}`, id, index, promises),
      ),
    }
    for (const partition of topic.partitions) partition.up(life, false)
    this.topics.set(id, topic)
    return topic
  }

  up(life: number, isWhole: boolean): void {
    for (const partition of this.#all()) partition.up(life, isWhole)
  }

  stopped(isWhole: boolean): void {
    for (const partition of this.#all()) {
      if (isWhole) partition.stopped()
      else partition.died('kill', this.#now(), false)
    }
  }

  died(death: Death, isWhole: boolean): void {
    for (const partition of this.#all()) partition.died(death, this.#now(), isWhole)
  }

  *#all(): Iterable<PartitionLedger> {
    for (const { partitions } of this.topics.values()) yield* partitions
  }
}

function promisesOf(configs: Readonly<Record<string, string>>): Promises {
  const number = (key: string) => Number(configs[key] ?? Number.POSITIVE_INFINITY)
  return {
    flushMessages: number('flush.messages'),
    flushMs: number('flush.ms'),
    mayExpire: 'retention.ms' in configs || 'retention.bytes' in configs,
  }
}
