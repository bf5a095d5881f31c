import type { Timer } from '../../kernel/environment.ts'
import { produce } from '../../protocol/api/00-produce.ts'
import { type ErrorName, errorName, errors, staleMetadataErrors } from '../../protocol/errors.ts'
import { NO_PRODUCER_EPOCH, NO_PRODUCER_ID } from '../../records/batch.ts'
import { compress, compressionId } from '../../records/compression/compression.ts'
import { waitMs } from '../backoff.ts'
import type { BrokerConnection } from '../broker-connection.ts'
import type { Cluster } from '../cluster.ts'
import { diagnostics } from '../diagnostics.ts'
import { ClientError, clientError, inPlace, type Place } from '../errors.ts'
import { errorOfRecord, MISSING_ANSWER } from './answer-errors.ts'
import type { BufferMemory } from './buffer-memory.ts'
import { Flushes } from './flushes.ts'
import { IdentityKeeper } from './identity.ts'
import { LeaderNodes } from './leader-nodes.ts'
import type { PartitionQueue } from './partition-queue.ts'
import {
  answersOf,
  batchesByLeader,
  type Outgoing,
  type PartitionAnswer,
  requestOf,
} from './produce-request.ts'
import type { ProducerBatch } from './producer-batch.ts'
import type { ProducerSettings } from './producer-settings.ts'
import { verdictOn } from './verdict.ts'

/** What batches of producers that are not idempotent say. */
const NO_IDENTITY = { producerId: NO_PRODUCER_ID, epoch: NO_PRODUCER_EPOCH } as const

/**
 * Takes batches from the queues of partitions to the leaders, again where that fails, until they are
 * acknowledged or their time is over. It runs after the turn in which something happened, or when
 * something is due; every run looks at all queues that hold anything.
 */
export class Sender {
  readonly #cluster: Cluster
  readonly #settings: ProducerSettings
  readonly #memory: BufferMemory
  readonly #keeper: IdentityKeeper
  readonly #active = new Set<PartitionQueue>()
  readonly #leaders: LeaderNodes
  readonly #flushes = new Flushes()
  readonly #forgetMetadata: () => void
  #isAwake = false
  #timer: Timer | undefined
  #timerMs = Number.POSITIVE_INFINITY
  /** Why nothing is sent any more. */
  #end: Error | undefined

  constructor(cluster: Cluster, settings: ProducerSettings, memory: BufferMemory) {
    this.#cluster = cluster
    this.#settings = settings
    this.#memory = memory
    this.#leaders = new LeaderNodes(cluster, settings, () => this.wake())
    this.#keeper = new IdentityKeeper(cluster, () => this.wake())
    this.#forgetMetadata = cluster.metadata.onChange(() => this.wake())
  }

  /** Why nothing can be sent any more, if so. */
  get error(): Error | undefined {
    return this.#end ?? this.#keeper.error
  }

  /** A queue has got an open batch: it is sent when full, or when it has lingered. */
  opened(queue: PartitionQueue): void {
    this.#active.add(queue)
    const { lingerMs } = this.#settings
    if (lingerMs === 0 || this.#memory.isExhausted) this.wake()
    else this.#wakeAt(queue.open!.createdMs + lingerMs)
  }

  /** No more records go into the open batch: it is compressed, and sent when it is its turn. */
  close(queue: PartitionQueue): void {
    const batch = queue.takeOpen()
    if (batch === undefined) return
    queue.waiting.push(batch)
    this.#pack(queue, batch)
    this.wake()
  }

  /** Runs after this turn. */
  wake(): void {
    if (this.#isAwake) return
    this.#isAwake = true
    this.#cluster.settings.environment.timers.afterTurn(() => {
      this.#isAwake = false
      this.#run()
    })
  }

  /** Sends all that is here now, and resolves when it is settled, well or badly. */
  flush(): Promise<void> {
    const left = new Set<ProducerBatch>()
    for (const queue of this.#active) {
      this.close(queue)
      for (const batch of [...queue.waiting, ...queue.inFlight])
        if (!batch.isSettled) left.add(batch)
    }
    return this.#flushes.start(left)
  }

  /** Whether a partition's leader takes what it is given (KIP-794). */
  isAvailable(leaderId: number): boolean {
    return this.#leaders.isAvailable(leaderId)
  }

  /** Fails everything that is not settled. */
  stop(error: Error): void {
    this.#end = error
    this.#timer?.cancel()
    this.#forgetMetadata()
    for (const queue of this.#active) this.#failAll(queue, error)
    this.#active.clear()
  }

  #nowMs(): number {
    return this.#cluster.settings.environment.clock.monotonic()
  }

  /** Sends all that may be sent now, and sets the clock for what may be later. */
  #run(): void {
    const { error } = this
    if (error !== undefined) {
      for (const queue of this.#active) this.#failAll(queue, error)
      return
    }
    const nowMs = this.#nowMs()
    this.#timer?.cancel()
    this.#timerMs = Number.POSITIVE_INFINITY
    for (const queue of [...this.#active]) this.#expire(queue, nowMs)
    while (this.#round(nowMs)) {}
  }

  /** One request to each leader that may take one. @returns whether any was sent. */
  #round(nowMs: number): boolean {
    const ready = [...this.#active].filter((queue) => this.#isReady(queue, nowMs))
    const { image } = this.#cluster.metadata
    const { byLeader, leaderless } = batchesByLeader(ready, image)
    if (leaderless.length > 0) {
      for (const { topic } of leaderless) this.#cluster.metadata.known(topic)
      this.#cluster.metadata.markStale()
      this.#wakeAt(nowMs + this.#cluster.settings.retry.firstMs)
    }
    let isSent = false
    for (const [leaderId, queues] of byLeader) {
      const way = this.#leaders.connectionTo(leaderId, nowMs)
      if ('askAgainMs' in way) {
        this.#wakeAt(way.askAgainMs)
        continue
      }
      const outgoing = this.#claim(queues)
      if (outgoing.length === 0) continue
      this.#send(leaderId, way, outgoing)
      isSent = true
    }
    return isSent
  }

  /** Whether the first batch of a queue wants to be sent; closes an open one that has lingered. */
  #isReady(queue: PartitionQueue, nowMs: number): boolean {
    if (nowMs < queue.retryAtMs) {
      this.#wakeAt(queue.retryAtMs)
      return false
    }
    const { open } = queue
    if (queue.waiting.length === 0 && open !== undefined) {
      const dueMs = open.createdMs + this.#settings.lingerMs
      if (nowMs < dueMs && !this.#memory.isExhausted) this.#wakeAt(dueMs)
      else {
        queue.waiting.push(queue.takeOpen()!)
        this.#pack(queue, open)
      }
    }
    return queue.waiting[0]?.compressed !== undefined
  }

  /** Takes one batch of each queue, as far as one request carries them. */
  #claim(queues: readonly PartitionQueue[]): Outgoing[] {
    const { isIdempotent, maxInFlight, maxRequestBytes } = this.#settings
    const outgoing: Outgoing[] = []
    let bytes = 0
    for (const queue of queues) {
      const batch = queue.waiting[0]!
      const isFull = outgoing.length > 0 && bytes + batch.sizeBytes > maxRequestBytes
      if (isFull) break
      const identity = isIdempotent ? queue.claim(batch, this.#keeper, maxInFlight) : NO_IDENTITY
      if (identity === undefined) continue
      queue.waiting.shift()
      queue.inFlight.push(batch)
      // To the back, so that the next request begins with others.
      this.#active.delete(queue)
      this.#active.add(queue)
      const attributes = compressionId(this.#settings.compression)
      const records = batch.seal(attributes, identity.producerId, identity.epoch)
      batch.attempts += 1
      bytes += records.length
      outgoing.push({ queue, batch, records })
    }
    return outgoing
  }

  #send(leaderId: number, connection: BrokerConnection, outgoing: readonly Outgoing[]): void {
    const { acks, requestTimeoutMs } = this.#settings
    this.#leaders.sent(leaderId)
    const failed = (error: unknown) => {
      this.#leaders.over(leaderId)
      this.#failed(outgoing, error, connection)
    }
    const { image } = this.#cluster.metadata
    try {
      const version = connection.requireVersion(produce)
      const request = requestOf(outgoing, image, version, acks, requestTimeoutMs)
      if (acks === 0) {
        const told = () => {
          this.#leaders.over(leaderId)
          for (const each of outgoing) this.#settle(each, undefined, connection)
        }
        connection.tell(produce, request).then(told, failed)
        return
      }
      connection.ask(produce, request, { timeoutMs: requestTimeoutMs }).then((response) => {
        this.#leaders.over(leaderId, response.throttleTimeMs)
        const { answers, leaders } = answersOf(response, outgoing, image, version)
        if (leaders.length > 0) this.#cluster.metadata.learn(leaders, response.nodeEndpoints)
        for (const [index, each] of outgoing.entries()) {
          this.#settle(each, answers[index] ?? MISSING_ANSWER, connection)
        }
      }, failed)
    } catch (error) {
      failed(error)
    }
  }

  /** The whole request failed: nobody knows what the broker has of it. */
  #failed(outgoing: readonly Outgoing[], thrown: unknown, connection: BrokerConnection): void {
    const error = inPlace(thrown, connection.place(produce))
    const name: ErrorName = error instanceof ClientError ? error.error : 'UNKNOWN_SERVER_ERROR'
    const errorMessage = error instanceof Error ? error.message : String(error)
    for (const each of outgoing) {
      this.#settle(
        each,
        { ...MISSING_ANSWER, errorCode: errors[name].code, errorMessage },
        connection,
      )
    }
  }

  /** Does with one batch what its answer means. `answer` is undefined when none is given (acks=0). */
  #settle(
    { queue, batch }: Outgoing,
    answer: PartitionAnswer | undefined,
    connection: BrokerConnection,
  ): void {
    const at = queue.inFlight.indexOf(batch)
    if (at < 0) return // the producer was closed meanwhile
    queue.inFlight.splice(at, 1)
    const error = answer === undefined ? 'NONE' : errorName(answer.errorCode)
    const verdict = verdictOn(error, {
      isIdempotent: this.#settings.isIdempotent,
      isFirst: queue.isFirst(batch),
      recordCount: batch.count,
      mayRetry: batch.attempts <= this.#settings.retries && !batch.isSettled,
    })
    if (staleMetadataErrors.has(error)) this.#cluster.metadata.markStale()
    const place = { ...connection.place(produce), topic: queue.topic, partition: queue.partition }
    switch (verdict) {
      case 'done':
        this.#done(queue, batch, answer)
        break
      case 'renew':
        queue.renewLater()
        this.#retry(queue, batch, error, answer, place)
        break
      case 'retry':
        this.#retry(queue, batch, error, answer, place)
        break
      case 'split':
        this.#split(queue, batch)
        break
      case 'fail':
        queue.abandoned(batch)
        this.#fail(queue, batch, (index) => errorOfRecord(error, answer, place, index))
    }
  }

  #done(queue: PartitionQueue, batch: ProducerBatch, answer: PartitionAnswer | undefined): void {
    queue.acknowledged(batch)
    const { baseOffset = -1, logAppendTimeMs = -1 } = answer ?? {}
    if (!batch.isSettled) {
      batch.acknowledge(queue.topic, queue.partition, baseOffset, logAppendTimeMs)
    }
    this.#over(queue, batch)
  }

  #retry(
    queue: PartitionQueue,
    batch: ProducerBatch,
    error: ErrorName,
    answer: PartitionAnswer | undefined,
    place: Place,
  ): void {
    batch.lastError = clientError(error, place, answer?.errorMessage ?? null)
    queue.putBack(batch)
    queue.failures += 1
    const { clientId, retry, environment } = this.#cluster.settings
    // A leader that the answer named can be asked at once (KIP-951).
    const isLed = answer !== undefined && answer.currentLeader.leaderId >= 0
    const ms = isLed && queue.failures === 1 ? 0 : waitMs(retry, queue.failures, environment.random)
    queue.retryAtMs = this.#nowMs() + ms
    if (diagnostics.retry.hasSubscribers) {
      const told = { api: produce.name, attempt: batch.attempts, waitMs: ms }
      diagnostics.retry.publish({ clientId, ...told, error: batch.lastError })
    }
    this.wake()
  }

  /** The batch is too large for the topic: its records go on in batches of half its size. */
  #split(queue: PartitionQueue, batch: ProducerBatch): void {
    const half = Math.ceil(batch.sizeBytes / 2)
    const parts = batch.split(half)
    for (const part of parts) this.#memory.hold(part.heldBytes)
    queue.putSplit(batch, parts)
    for (const part of parts) this.#pack(queue, part)
    this.#flushes.split(batch, parts)
    this.#over(queue, batch)
  }

  #fail(queue: PartitionQueue, batch: ProducerBatch, errorOf: (index: number) => Error): void {
    if (!batch.isSettled) batch.fail(errorOf)
    this.#over(queue, batch, errorOf(0))
  }

  /** The batch is neither waiting nor on its way: its memory is free. */
  #over(queue: PartitionQueue, batch: ProducerBatch, error?: Error): void {
    // What was sent more than once may still be held by the system for a connection that is lost.
    this.#memory.give(batch.buffer, batch.attempts <= 1 && error === undefined)
    this.#flushes.settled(batch)
    if (queue.size === 0) this.#active.delete(queue)
    if (!diagnostics.batch.hasSubscribers) return
    const { clientId } = this.#cluster.settings
    const { topic, partition } = queue
    const { count: records, sizeBytes: bytes, attempts } = batch
    const failed = error === undefined ? {} : { error }
    diagnostics.batch.publish({ clientId, topic, partition, records, bytes, attempts, ...failed })
  }

  /** Gives up what has waited for `delivery.timeout.ms`. */
  #expire(queue: PartitionQueue, nowMs: number): void {
    const { deliveryTimeoutMs } = this.#settings
    // The same sum as the timer's, or rounding would make it come again and again.
    const isOver = ({ createdMs }: ProducerBatch) => createdMs + deliveryTimeoutMs <= nowMs
    while (queue.waiting.length > 0 && isOver(queue.waiting[0]!)) {
      const batch = queue.waiting.shift()!
      queue.abandoned(batch)
      this.#fail(queue, batch, () => this.#tooLate(queue, batch))
    }
    if (queue.open !== undefined && isOver(queue.open)) {
      const batch = queue.takeOpen()!
      this.#fail(queue, batch, () => this.#tooLate(queue, batch))
    }
    // Those on their way stay until they are answered: only then it is known what may follow them.
    for (const batch of queue.inFlight) {
      if (batch.isSettled || !isOver(batch)) continue
      batch.fail(() => this.#tooLate(queue, batch))
      this.#flushes.settled(batch)
    }
    const oldest = queue.inFlight.find((batch) => !batch.isSettled)
    const next = oldest ?? queue.waiting[0] ?? queue.open
    if (next !== undefined) this.#wakeAt(next.createdMs + deliveryTimeoutMs)
  }

  #tooLate({ topic, partition }: PartitionQueue, batch: ProducerBatch): Error {
    const { deliveryTimeoutMs } = this.#settings
    const last = batch.lastError === undefined ? '' : ` Last: ${batch.lastError.message}`
    const sent = `it was sent ${batch.attempts} times`
    const detail = `not acknowledged in ${deliveryTimeoutMs} ms (delivery.timeout.ms); ${sent}.${last}`
    return clientError('REQUEST_TIMED_OUT', { topic, partition }, detail, batch.lastError)
  }

  #failAll(queue: PartitionQueue, error: Error): void {
    const all = [...queue.inFlight.splice(0), ...queue.waiting.splice(0)]
    const open = queue.takeOpen()
    if (open !== undefined) all.push(open)
    for (const batch of all) this.#fail(queue, batch, () => error)
  }

  /** Compresses at once what is small; larger batches come back when the thread pool is done. */
  #pack(queue: PartitionQueue, batch: ProducerBatch): void {
    const { compression, level } = this.#settings
    const packed = compress(compression, batch.records, level)
    if (!(packed instanceof Promise)) {
      batch.compressed = packed
      return
    }
    packed.then(
      (bytes) => {
        batch.compressed = bytes
        this.wake()
      },
      (error: unknown) => {
        const at = queue.waiting.indexOf(batch)
        if (at < 0) return
        queue.waiting.splice(at, 1)
        const problem = error instanceof Error ? error : new Error(String(error))
        this.#fail(queue, batch, () => problem)
      },
    )
  }

  /** Runs at `dueMs` of the monotonic clock, if not before. */
  #wakeAt(dueMs: number): void {
    if (dueMs >= this.#timerMs) return
    this.#timer?.cancel()
    this.#timerMs = dueMs
    this.#timer = this.#cluster.settings.environment.timers.at(dueMs, () => {
      this.#timerMs = Number.POSITIVE_INFINITY
      this.#run()
    })
  }
}
