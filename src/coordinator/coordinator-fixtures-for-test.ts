/** For the tests of this folder: a machine that counts, on the partitions of a simulated broker. */
import { brokerConfigs, effectiveTopicConfig, type Overrides } from '../config/dynamic.ts'
import { serverConfig } from '../config/server-config.ts'
import { collectingLogger } from '../kernel/logger.ts'
import { type SimulatedHost, Simulation } from '../kernel/simulated-environment.ts'
import { LogManager } from '../log/log-manager.ts'
import type { PartitionImage } from '../metadata/image.ts'
import { EMPTY_IMAGE } from '../metadata/image.ts'
import { KafkaError } from '../protocol/errors.ts'
import { forEachBatch } from '../records/batch.ts'
import { recordsOf } from '../records/records.ts'
import type { Partition } from '../replication/partition.ts'
import { Partitions } from '../replication/partitions.ts'
import { NODE_ID, prepared, topicOf } from '../replication/replication-fixtures-for-test.ts'
import type { Effect, Instant, Machine, ProducerOfRecord, StoredRecord, Ticket } from './machine.ts'
import { CoordinatorRuntime, type RuntimeSettings } from './runtime.ts'

export interface CountRecord {
  readonly name: string
  /** undefined: the count is deleted. */
  readonly amount: number | undefined
  /** Makes the record larger. */
  readonly ballast: string
}

export type CountEvent =
  /** Adds to a count; answers its new value. */
  | {
      readonly type: 'add'
      readonly name: string
      readonly amount: number
      readonly producer?: ProducerOfRecord
    }
  /** Answers a count. Writes nothing. */
  | { readonly type: 'ask'; readonly name: string }
  | { readonly type: 'delete'; readonly name: string }
  /** Adds 1 to each of so many counts. */
  | { readonly type: 'many'; readonly count: number; readonly ballastBytes: number }
  /** As `many`, and may be divided. */
  | { readonly type: 'each'; readonly count: number; readonly ballastBytes: number }
  /** Is answered when another releases it. */
  | { readonly type: 'wait' }
  | { readonly type: 'release' }
  | { readonly type: 'refuse' }
  | {
      readonly type: 'timer'
      readonly delayMs: number
      readonly event: CountEvent
      readonly unlessRunning?: true
    }
  | { readonly type: 'cancel' }

type CountEffect = Effect<CountRecord, Ticket, CountEvent>

/** Small, and complete: counts by name, callers that wait for others, one timer. */
export class Counter implements Machine<CountRecord, Ticket, CountEvent, Instant> {
  readonly counts = new Map<string, number>()
  /** Offsets of the records taken over, in order. */
  readonly offsets: number[] = []
  readonly ended: { producerId: number; isCommitted: boolean; offset: number }[] = []
  readonly producers: (number | undefined)[] = []
  #waiting: readonly Ticket[] = []

  decide(event: CountEvent, ticket: Ticket, { monotonicMs }: Instant): readonly CountEffect[] {
    const reply = (answer: object): CountEffect => ({ type: 'reply', to: ticket, answer })
    switch (event.type) {
      case 'add': {
        const { name, amount, producer } = event
        const total = (this.counts.get(name) ?? 0) + amount
        const record = { name, amount, ballast: '' }
        return [{ type: 'append', record, ...(producer && { producer }) }, reply({ total })]
      }
      case 'ask':
        return [reply({ total: this.counts.get(event.name) ?? 0 })]
      case 'delete':
        return [
          { type: 'append', record: { name: event.name, amount: undefined, ballast: '' } },
          reply({}),
        ]
      case 'many':
      case 'each':
        return [...many(event.count, event.ballastBytes), reply({})]
      case 'wait':
        return [{ type: 'note', note: ticket }]
      case 'release': {
        const waiting = this.#waiting.map((to) => ({ type: 'reply', to, answer: {} }) as const)
        return [...waiting, { type: 'note', note: -1 }, reply({})]
      }
      case 'refuse':
        throw new KafkaError('INVALID_REQUEST', 'refused')
      case 'timer': {
        const dueMs = monotonicMs + event.delayMs
        const timer = { type: 'timer', key: 'k', dueMs, event: event.event } as const
        return [event.unlessRunning ? { ...timer, unlessRunning: true } : timer, reply({})]
      }
      case 'cancel':
        return [{ type: 'cancel-timer', key: 'k' }, reply({})]
    }
  }

  apply({ name, amount }: CountRecord, offset: number, producer?: ProducerOfRecord): void {
    this.offsets.push(offset)
    this.producers.push(producer?.producerId)
    if (amount === undefined) this.counts.delete(name)
    else this.counts.set(name, (this.counts.get(name) ?? 0) + amount)
  }

  note(ticket: Ticket): void {
    this.#waiting = ticket === -1 ? [] : [...this.#waiting, ticket]
  }

  endTransaction({ producerId }: ProducerOfRecord, isCommitted: boolean, offset: number): void {
    this.ended.push({ producerId, isCommitted, offset })
  }

  encode({ name, amount, ballast }: CountRecord): StoredRecord {
    const text = (value: string) => new TextEncoder().encode(value)
    return { key: text(name), value: amount === undefined ? null : text(`${amount} ${ballast}`) }
  }

  decode({ key, value }: StoredRecord): CountRecord | undefined {
    const name = new TextDecoder().decode(key)
    if (name === 'unknown') return undefined
    if (value === null) return { name, amount: undefined, ballast: '' }
    const [number, ballast = ''] = new TextDecoder().decode(value).split(' ')
    const amount = Number(number)
    if (Number.isNaN(amount)) throw new KafkaError('INVALID_RECORD', `${number} is no number`)
    return { name, amount, ballast }
  }

  loaded(): readonly CountEffect[] {
    return []
  }
}

function many(count: number, ballastBytes: number): CountEffect[] {
  return Array.from({ length: count }, (_, index) => ({
    type: 'append' as const,
    record: { name: `n${index}`, amount: 1, ballast: 'x'.repeat(ballastBytes) },
  }))
}

const SETTINGS: RuntimeSettings = {
  lingerMs: -1,
  commitTimeoutMs: 5_000,
  loadBufferBytes: 65_536,
  maxBatchBytes: 1_048_588,
  cachedBufferMaxBytes: 1_048_588,
  maxDecompressedBytes: 16 * 1024 * 1024,
  compression: 'none',
  timestampType: 'CreateTime',
}

export interface TestCoordinatorsOptions {
  readonly seed?: number
  /** Settings of the topic. */
  readonly topic?: Overrides
  readonly settings?: Partial<RuntimeSettings>
}

/** Counters on the partition 0 of the topic `t`, through several lives of a simulated broker. */
export class TestCoordinators {
  readonly simulation: Simulation
  readonly host: SimulatedHost
  readonly logger = collectingLogger()
  /** May be changed at any time. */
  minIsr = 1
  settings: RuntimeSettings
  readonly #topic: Overrides
  #parts: { partitions: Partitions; logs: LogManager; runtime: Runtime } | undefined

  private constructor({ seed = 1, topic = {}, settings = {} }: TestCoordinatorsOptions) {
    this.simulation = new Simulation(seed)
    this.host = this.simulation.host('b')
    this.settings = { ...SETTINGS, ...settings }
    this.#topic = topic
  }

  /** With a loaded partition that this broker leads. */
  static async start(options: TestCoordinatorsOptions = {}): Promise<TestCoordinators> {
    const test = new TestCoordinators(options)
    await test.start()
    return test
  }

  /** The process begins; `loaded` false leaves the partition unloaded. */
  async start(loaded = true): Promise<void> {
    const environment = this.host.environment()
    const { logger } = this
    const configs = brokerConfigs(serverConfig([]))
    const logs = await this.simulation.until(
      LogManager.open({
        logDirs: ['/data'],
        nodeId: NODE_ID,
        environment,
        logger,
        config: () => configs.current,
        topicConfig: () => effectiveTopicConfig(configs, this.#topic),
      }),
    )
    const partitions = new Partitions({
      nodeId: NODE_ID,
      environment,
      logger,
      logs,
      prepare: (_topic, bytes) => prepared(bytes),
      minIsr: () => this.minIsr,
    })
    const runtime: Runtime = new CoordinatorRuntime({
      environment,
      logger,
      partition: (index) => partitions.find('t', index),
      partitionCount: () => 1,
      newMachine: () => new Counter(),
      world: () => {
        return { nowMs: environment.clock.now(), monotonicMs: environment.clock.monotonic() }
      },
      settings: () => this.settings,
      isDivisible: (event) => event.type === 'each',
    })
    this.#parts = { partitions, logs, runtime }
    await this.become({})
    if (!loaded) return
    runtime.update()
    await this.simulation.until(runtime.loaded())
  }

  get runtime(): Runtime {
    return this.#running.runtime
  }

  get partition(): Partition {
    return this.#running.partitions.byName('t', 0)
  }

  get #running() {
    if (this.#parts === undefined) throw new Error('nothing runs')
    return this.#parts
  }

  /** Makes the metadata say this of the partition, and the runtime look at it. */
  async become(state: Partial<PartitionImage>): Promise<void> {
    const topic = topicOf('t', [state])
    const image = { ...EMPTY_IMAGE, topics: EMPTY_IMAGE.topics.with(new Map([['t', topic]])) }
    await this.simulation.until(this.#running.partitions.apply(image, ['t']))
  }

  /** As `become`, and the runtime carries it out. */
  async update(state: Partial<PartitionImage>): Promise<void> {
    await this.become(state)
    this.runtime.update()
    await this.simulation.until(this.runtime.loaded())
  }

  submit(event: CountEvent): Promise<object> {
    const answer = this.runtime.submit(0, event)
    answer.catch(() => {}) // looked at when the test says so
    return answer
  }

  /** The answer to an event, or the name of the error. */
  ask(event: CountEvent): Promise<object | string> {
    return this.settle(this.submit(event))
  }

  /** Lets time pass until it is settled. @returns what came of it, or the name of the error. */
  settle<T>(promise: Promise<T>): Promise<T | string> {
    return this.simulation.until(promise.catch(nameOf))
  }

  /** The counts as the machine has them. */
  counts(): Promise<Record<string, number> | string> {
    return this.settle(this.runtime.query(0, ({ counts }) => Object.fromEntries(counts)))
  }

  /** Lets the turn end: what was appended is written. */
  turn(): Promise<void> {
    return this.simulation.advance(0)
  }

  /** Names of the counts in each batch of the log. */
  async batches(): Promise<string[][]> {
    const { log } = this.partition
    const options = {
      offset: 0,
      maxBytes: 1 << 24,
      minOneBatch: true,
      isolation: 'log-end',
    } as const
    const read = await this.simulation.until(Promise.resolve(this.partition.read(options)))
    const found: string[][] = []
    for (const chunk of read.chunks) {
      forEachBatch(chunk, (at) => {
        const records = [...recordsOf(chunk, at, 1 << 24)]
        found.push(records.map(({ key }) => new TextDecoder().decode(key ?? undefined)))
      })
    }
    if (read.nextOffset !== log.logEndOffset) throw new Error('the log is longer than one read')
    read.release()
    return found
  }

  async stop(): Promise<void> {
    const { logs, partitions, runtime } = this.#running
    await this.simulation.until(runtime.close())
    partitions.close()
    await this.simulation.until(logs.close(1))
    this.#parts = undefined
  }

  /** The process is killed; what it wrote stays. */
  kill(): void {
    this.host.kill()
    this.#parts = undefined
  }

  /** The power fails. */
  crash(): void {
    this.host.crash()
    this.#parts = undefined
  }
}

type Runtime = CoordinatorRuntime<CountRecord, Ticket, CountEvent, Instant, Counter>

function nameOf(error: unknown): string {
  if (error instanceof KafkaError) return error.error
  throw error
}
