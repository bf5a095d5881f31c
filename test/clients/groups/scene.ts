/** One test's stage: its topic, its members, what they did, and a producer beside them. */

import { setTimeout as delay } from 'node:timers/promises'
import {
  ConfigResourceTypes,
  Admin as GroupAdmin,
  IncrementalAlterConfigOperationTypes,
} from '@platformatic/kafka'
import kafkajs, { type Admin } from 'kafkajs'
import type { Broker } from '../broker.ts'
import { record } from '../cases.ts'
import type { Client, TestRecord } from '../client.ts'
import { openKafkajs } from '../drivers/kafkajs.ts'
import { startBroker } from '../harness.ts'
import { uniqueTopic, waitFor } from '../support.ts'
import { Ledger } from './ledger.ts'
import { type Member, type MemberOptions, nameOf, type OpenMember } from './member.ts'

/** Short times, so that groups come to rest soon; each is a broker setting of Kafka's. */
export const groupSettings = {
  'group.initial.rebalance.delay.ms': '100',
  'group.min.session.timeout.ms': '500',
  'group.consumer.heartbeat.interval.ms': '200',
  'group.consumer.min.heartbeat.interval.ms': '100',
  'group.consumer.session.timeout.ms': '10000',
  'group.consumer.min.session.timeout.ms': '500',
  'offsets.topic.num.partitions': '4',
} as const

/** Longest wait for a group to do what it should. */
export const patienceMs = 30_000

const { Kafka, logLevel } = kafkajs

/** What all tests of a file share: a broker, and helpers that are not under test. */
export class Stage {
  readonly broker: Broker
  readonly helper: Client
  readonly admin: Admin

  constructor(broker: Broker, helper: Client, admin: Admin) {
    this.broker = broker
    this.helper = helper
    this.admin = admin
  }

  static async open(config: Readonly<Record<string, string>> = {}): Promise<Stage> {
    const broker = await startBroker({ config: { ...groupSettings, ...config } })
    const kafka = new Kafka({
      brokers: [broker.bootstrap],
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 60 },
    })
    const admin = kafka.admin()
    await admin.connect()
    return new Stage(broker, await openKafkajs(broker.bootstrap), admin)
  }

  async close(): Promise<void> {
    await this.helper.close()
    await this.admin.disconnect()
    await this.broker[Symbol.asyncDispose]()
  }

  /** A topic ready to be used. */
  async topic(purpose: string, partitions: number): Promise<string> {
    return await this.named(uniqueTopic(purpose), partitions)
  }

  /** A topic of a name that matters. */
  async named(topic: string, partitions: number): Promise<string> {
    await this.helper.admin?.createTopic(topic, partitions, {})
    const ready = async () =>
      (await this.helper.offsetAt?.(topic, partitions - 1, 'latest').catch(() => -1)) === 0
    await waitFor(`${topic} to have leaders`, 10_000, ready)
    return topic
  }

  /** The end of each partition, by its name. */
  async ends(topic: string): Promise<Map<string, number>> {
    const offsets = await this.admin.fetchTopicOffsets(topic)
    return new Map(offsets.map((o) => [nameOf(topic, o.partition), Number(o.high)]))
  }

  /** What the group has committed, by partition; those without a commit are left out. Asks again
   *  while the coordinator is not ready. */
  async committed(groupId: string, topic: string): Promise<Map<string, number>> {
    const found = await waitFor(`the commits of ${groupId}`, patienceMs, () =>
      this.admin.fetchOffsets({ groupId, topics: [topic] }).catch(passing),
    )
    return new Map(
      (found[0]?.partitions ?? [])
        .filter((p) => p.offset !== '-1')
        .map((p) => [nameOf(topic, p.partition), Number(p.offset)]),
    )
  }

  /** Changes a setting of one group. */
  async setGroupConfig(groupId: string, name: string, value: string): Promise<void> {
    const admin = new GroupAdmin({ clientId: 'stage', bootstrapBrokers: [this.broker.bootstrap] })
    const configs = [{ name, value, configOperation: IncrementalAlterConfigOperationTypes.SET }]
    const resources = [{ resourceType: ConfigResourceTypes.GROUP, resourceName: groupId, configs }]
    await admin.incrementalAlterConfigs({ resources })
    await admin.close()
  }

  /** Sends `count` records to each partition, in one call. */
  async produce(topic: string, partitions: number, count: number): Promise<void> {
    await this.helper.produce(topic, numbered(partitions, count))
  }
}

/** Lets an error pass that says that the same question may be answered soon. */
function passing(error: Error): undefined {
  if (!('retriable' in error && error.retriable === true)) throw error
}

/** `count` records for each of `partitions`. */
export function numbered(partitions: number, count: number): TestRecord[] {
  return Array.from({ length: partitions * count }, (_, i) => ({
    ...record(`key-${i}`, `value-${i}`),
    partition: i % partitions,
  }))
}

/** A producer that goes on until it is told to stop, a few records to each partition at a time. */
export class Stream {
  readonly #stop = new AbortController()
  readonly #running: Promise<void>

  constructor(stage: Stage, topic: string, partitions: number, pauseMs = 40) {
    this.#running = this.#run(stage, topic, partitions, pauseMs)
    // Looked at by `stop`; until then nobody else may.
    this.#running.catch(() => {})
  }

  /** @throws what made it end before. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(stage: Stage, topic: string, partitions: number, pauseMs: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await stage.produce(topic, partitions, 2)
      await delay(pauseMs)
    }
  }
}

/** The members of one test. */
export class Scene {
  readonly stage: Stage
  readonly ledger = new Ledger()
  readonly #open = new Map<string, Member>()

  constructor(stage: Stage) {
    this.stage = stage
  }

  /** Lets a member begin; its name is for messages. */
  async join(name: string, open: OpenMember, options: MemberOptions): Promise<Member> {
    const member = await open(this.stage.broker.bootstrap, options, this.ledger.tell(name))
    this.#open.set(name, member)
    return member
  }

  async leave(name: string): Promise<void> {
    const member = this.#open.get(name)
    this.#open.delete(name)
    await member?.close()
  }

  /** A member's process was killed. */
  gone(name: string): void {
    this.#open.delete(name)
    this.ledger.gone(name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#open.keys()].map((name) => this.leave(name)))
  }
}
