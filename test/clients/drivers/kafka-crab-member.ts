/** kafka-crab-js in a group: librdkafka, by either protocol. Its rebalance events come after the fact,
 *  so nothing can be done in them; librdkafka commits by itself what was taken before it gives up. */

import { KafkaClient, type KafkaConsumer, type KafkaEvent, type Message } from 'kafka-crab-js'
import {
  type Member,
  type MemberNews,
  type MemberOptions,
  type MemberTraits,
  monotonicMs,
  type OpenMember,
  type Place,
  type TakenRecord,
  type Tell,
} from '../groups/member.ts'
import { Position } from '../groups/position.ts'
import { waitFor } from '../support.ts'

export const kafkaCrabMemberTraits: MemberTraits = {
  name: 'kafka-crab-js, classic',
  protocol: 'classic',
  patterns: 'followed',
  pauses: false,
  seeks: true,
  statics: true,
  returns: 'after-kill',
  yields: true,
  cooperative: true,
  refusesReset: true,
  exact: false,
  tellsOwners: false,
}

export const kafkaCrabConsumerTraits: MemberTraits = {
  ...kafkaCrabMemberTraits,
  name: 'kafka-crab-js, consumer protocol',
  protocol: 'consumer',
  returns: 'after-close',
}

export const openKafkaCrabMember: OpenMember = (bootstrap, options, tell) =>
  openMember('classic', bootstrap, options, tell)

export const openKafkaCrabConsumer: OpenMember = (bootstrap, options, tell) =>
  openMember('consumer', bootstrap, options, tell)

const batchRecords = 500
const batchWaitMs = 20
/** Longest wait for a member to give its partitions up. */
const leaveLimitMs = 5000

function settingsOf(protocol: 'classic' | 'consumer', options: MemberOptions) {
  const reset = options.reset === 'none' ? 'error' : options.reset
  const assignor = options.cooperative ? 'cooperative-sticky' : 'range,roundrobin'
  const classic = {
    'session.timeout.ms': `${options.sessionTimeoutMs ?? 10_000}`,
    'heartbeat.interval.ms': '200',
    'partition.assignment.strategy': assignor,
  }
  return {
    'auto.offset.reset': reset,
    'auto.commit.interval.ms': '50',
    'fetch.wait.max.ms': '50',
    'reconnect.backoff.max.ms': '200',
    'topic.metadata.refresh.interval.ms': '500',
    'group.protocol': protocol,
    ...(protocol === 'classic' && classic),
    ...(options.instanceId !== undefined && { 'group.instance.id': options.instanceId }),
  }
}

async function openMember(
  protocol: 'classic' | 'consumer',
  bootstrap: string,
  options: MemberOptions,
  tell: Tell,
): Promise<Member> {
  let owned = 0
  const position = new Position()
  const say = (news: MemberNews): void => {
    if (news.type === 'assigned') owned += news.places.length
    if (news.type === 'revoked') {
      owned -= news.places.length
      for (const [topic, partition] of news.places) position.forget(topic, partition)
    }
    tell({ ...news, atMs: monotonicMs() })
  }
  const client = new KafkaClient({ brokers: bootstrap, clientId: 'crab-member', logLevel: 'off' })
  const consumer = client.createConsumer({
    groupId: options.groupId,
    enableAutoCommit: options.commits === 'automatic',
    configuration: settingsOf(protocol, options),
  })
  consumer.onEvents((error, event) => {
    if (error) say({ type: 'failed', error: `${error}` })
    else for (const news of newsOf(event)) say(news)
  })
  await consumer.subscribe(options.topics.map((topic) => ({ topic })))
  const commitAll = async (): Promise<void> => {
    const offsets = position.all()
    for (const [topic, partition, offset] of offsets)
      await consumer.commit(topic, partition, offset, 'Sync')
    say({ type: 'committed', offsets })
  }
  const loop = new Loop(consumer, async (records) => {
    say({ type: 'records', records })
    position.take(records)
    if (options.commits === 'always') await commitAll().catch(() => {})
  })
  const looping = loop.run().catch((error) => say({ type: 'failed', error: `${error}` }))
  return {
    commit: commitAll,
    pause: () => Promise.reject(new Error('it pauses all partitions only')),
    resume: () => Promise.reject(new Error('it pauses all partitions only')),
    async seek(topic, partition, offset) {
      position.forget(topic, partition)
      consumer.seek(topic, partition, { offset }, 5000)
    },
    async close() {
      // It gives its partitions up, commits and leaves only while records are asked for.
      consumer.unsubscribe()
      try {
        await waitFor('its partitions to be given up', leaveLimitMs, () => {
          return owned === 0 || loop.hasEnded
        })
      } finally {
        loop.stop()
        await looping
        await consumer.disconnect()
      }
    },
  }
}

/** Takes records until it is told to stop. */
class Loop {
  readonly #consumer: KafkaConsumer
  readonly #take: (records: readonly TakenRecord[]) => Promise<void>
  #running = true
  #ended = false

  constructor(consumer: KafkaConsumer, take: (records: readonly TakenRecord[]) => Promise<void>) {
    this.#consumer = consumer
    this.#take = take
  }

  get hasEnded(): boolean {
    return this.#ended
  }

  async run(): Promise<void> {
    try {
      while (this.#running) {
        const batch = await this.#consumer.recvBatch(batchRecords, batchWaitMs).catch(passing)
        if (batch.length > 0) await this.#take(batch.map(recordOf))
      }
    } finally {
      this.#ended = true
    }
  }

  stop(): void {
    this.#running = false
  }
}

/** That a broker is away is told like a record, and no reason to stop. */
function passing(error: Error): Message[] {
  if (/BrokerTransportFailure|AllBrokersDown/.test(error.message)) return []
  throw error
}

function newsOf({ name, payload }: KafkaEvent): MemberNews[] {
  const places = payload.tpl.flatMap(({ topic, partitionOffset }) =>
    partitionOffset.map(({ partition }): Place => [topic, partition]),
  )
  if (name === 'CommitCallback')
    return payload.error === undefined
      ? [{ type: 'committed', offsets: offsetsOf(payload.tpl) }]
      : []
  if (payload.error !== undefined) return [{ type: 'failed', error: payload.error }]
  const action = payload.action?.toLowerCase()
  if (name === 'PostRebalance' && action === 'assign') return [{ type: 'assigned', places }]
  if (name === 'PreRebalance' && action === 'revoke') return [{ type: 'revoked', places }]
  return []
}

function offsetsOf(list: KafkaEvent['payload']['tpl']): [string, number, number][] {
  return list.flatMap(({ topic, partitionOffset }) =>
    partitionOffset.flatMap(({ partition, offset }): [string, number, number][] =>
      offset.offset === undefined ? [] : [[topic, partition, offset.offset]],
    ),
  )
}

function recordOf(message: Message): TakenRecord {
  return {
    topic: message.topic,
    partition: message.partition,
    offset: message.offset,
    key: message.key?.toString('base64') ?? null,
    value: message.isTombstone ? null : message.payload.toString('base64'),
    headers: Object.entries(message.headers ?? {}).map(([n, v]) => [n, v.toString('base64')]),
  }
}
