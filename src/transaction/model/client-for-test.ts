import type { Attempt } from './verdicts-for-test.ts'
import type { ModelWorld } from './world-for-test.ts'

/**
 * One instance of a producer, which may be a zombie without knowing it. Of version 0 or 2: it does what
 * Kafka's own producer of that time does. Every request may be lost on its way there or back, and may
 * arrive a second time later; it goes on asking until it is told.
 */
export class ModelClient {
  readonly name: string
  readonly version: 0 | 2
  readonly #world: ModelWorld
  #producerId = -1
  #epoch = -1
  /** Next sequences by partition, of the current epoch. */
  #sequences = new Map<number, number>()
  #added = new Set<number>()
  #attempt: Attempt | undefined
  #attempts = 0
  /** Set once it has decided to end; it asks until it is told. */
  #wanted: 'commit' | 'abort' | undefined
  /** A record of it may still be on its way: then nothing but an abort is right. */
  #isUnsure = false
  #state: 'starting' | 'running' | 'dead' = 'starting'

  constructor(name: string, version: 0 | 2, world: ModelWorld) {
    this.name = name
    this.version = version
    this.#world = world
  }

  get isDead(): boolean {
    return this.#state === 'dead'
  }

  /** Nothing is open. */
  get isIdle(): boolean {
    return this.isDead || (this.#state === 'running' && this.#attempt === undefined)
  }

  /** @param mayBegin false: what is open is ended, and nothing begun. */
  step(mayBegin = true): void {
    if (this.#state === 'dead') return
    if (this.#state === 'starting') this.#start()
    else if (this.#wanted !== undefined) this.#end(this.#wanted)
    else if (this.#attempt !== undefined && (!mayBegin || this.#below(6) === 0)) this.#decide()
    else if (mayBegin) this.#produce()
  }

  #below(limit: number): number {
    return this.#world.random.below(limit)
  }

  /** With what it has, if anything (KIP-360). */
  #start(): void {
    const expected = this.#producerId < 0 ? undefined : ([this.#producerId, this.#epoch] as const)
    const answer = this.#world.call((on) => on.init({ ...(expected && { expected }) }))
    if (answer === 'lost' || answer.error === 'CONCURRENT_TRANSACTIONS') return
    if (answer.error !== 'NONE') {
      this.#state = 'dead'
      return
    }
    this.#take(answer.producerId, answer.producerEpoch)
    this.#state = 'running'
  }

  #take(producerId: number, epoch: number): void {
    if (producerId !== this.#producerId || epoch !== this.#epoch) this.#sequences = new Map()
    this.#producerId = producerId
    this.#epoch = epoch
  }

  #produce(): void {
    const { partitions, verdicts } = this.#world
    const partition = partitions[this.#below(partitions.length)]!
    if (this.version === 0 && !this.#added.has(partition.index)) {
      if (!this.#addItself(partition.index)) return
    }
    this.#attempt ??= verdicts.begin(`${this.name}/${this.#attempts++}`)
    const attempt = this.#attempt
    const sequence = this.#sequences.get(partition.index) ?? 0
    const [producerId, epoch] = [this.#producerId, this.#epoch]
    const { tag } = attempt
    const send = () =>
      this.#world.produce(this.version, partition, producerId, epoch, sequence, tag)
    this.#sequences.set(partition.index, sequence + 1)
    if (this.#below(12) === 0) {
      this.#world.later(send)
      this.#isUnsure = true
      return
    }
    switch (send()) {
      case 'appended':
        attempt.acknowledged.add(partition.index)
        return
      case 'later':
        this.#sequences.set(partition.index, sequence)
        return
      case 'refused':
        this.#isUnsure = true
    }
  }

  /** @returns whether the partition is part of the transaction. */
  #addItself(index: number): boolean {
    const { name, version } = this
    const [producerId, producerEpoch] = [this.#producerId, this.#epoch]
    const other = { producerId, producerEpoch, clientVersion: version }
    const error = this.#world.call((on) => on.add(`${this.#world.topic}-${index}`, other))
    if (error === 'NONE') {
      this.#added.add(index)
      // The coordinator has a transaction now, so it has to be ended.
      this.#attempt ??= this.#world.verdicts.begin(`${name}/${this.#attempts++}`)
      return true
    }
    if (error !== 'lost' && error !== 'CONCURRENT_TRANSACTIONS') this.#state = 'dead'
    return false
  }

  #decide(): void {
    this.#wanted = this.#isUnsure || this.#below(3) === 0 ? 'abort' : 'commit'
  }

  #end(wanted: 'commit' | 'abort'): void {
    const attempt = this.#attempt!
    attempt.asked.add(wanted)
    const other = {
      producerId: this.#producerId,
      producerEpoch: this.#epoch,
      clientVersion: this.version,
    }
    // A copy may come later. That of an old client could not be told from the end of its next
    // transaction, by nobody: it is why the epoch rises in version 2 (KIP-890).
    if (this.version === 2 && this.#below(6) === 0) {
      this.#world.later(() => this.#world.call((on) => on.end(wanted === 'commit', other)))
    }
    const answer = this.#world.call((on) => on.end(wanted === 'commit', other))
    if (answer === 'lost' || answer.error === 'CONCURRENT_TRANSACTIONS') return
    if (answer.error !== 'NONE') {
      this.#state = 'dead'
      return
    }
    this.#world.verdicts.told(attempt, wanted)
    this.#attempt = undefined
    this.#wanted = undefined
    this.#added = new Set()
    // A client of version 0 whose records may still come asks for another epoch.
    if (this.version === 0 && this.#isUnsure) this.#state = 'starting'
    else if (this.version === 2) this.#take(answer.producerId, answer.producerEpoch)
    this.#isUnsure = false
  }
}
