/** kafkajs in a group. Its consumer gives everything up at each rebalance and knows no static members. */

import kafkajs, { type EachBatchPayload, type IMemberAssignment } from 'kafkajs'
import {
  type Member,
  type MemberNews,
  type MemberOptions,
  type MemberTraits,
  monotonicMs,
  type Place,
  type TakenRecord,
  type Tell,
} from '../groups/member.ts'
import { Position } from '../groups/position.ts'

const { Kafka, logLevel } = kafkajs

export const kafkajsMemberTraits: MemberTraits = {
  name: 'kafkajs',
  protocol: 'classic',
  patterns: 'once',
  pauses: true,
  seeks: true,
  statics: false,
  returns: false,
  yields: false,
  cooperative: false,
  refusesReset: false,
  exact: false,
  tellsOwners: true,
}

export async function openKafkajsMember(
  bootstrap: string,
  options: MemberOptions,
  tell: Tell,
): Promise<Member> {
  const kafka = new Kafka({
    brokers: [bootstrap],
    clientId: 'kafkajs-member',
    logLevel: logLevel.NOTHING,
    connectionTimeout: 10_000,
    retry: { initialRetryTime: 50, maxRetryTime: 1000, retries: 60 },
  })
  const consumer = kafka.consumer({
    groupId: options.groupId,
    sessionTimeout: options.sessionTimeoutMs ?? 10_000,
    rebalanceTimeout: 10_000,
    heartbeatInterval: 200,
    maxWaitTimeInMs: 50,
    allowAutoTopicCreation: false,
  })
  const say = (news: MemberNews): void => tell({ ...news, atMs: monotonicMs() })
  const position = new Position()
  let owned: readonly Place[] = []
  const giveUp = (type: 'revoked' | 'lost'): void => {
    if (owned.length > 0) say({ type, places: owned })
    owned = []
  }
  const { GROUP_JOIN, REBALANCING, COMMIT_OFFSETS, CRASH } = consumer.events
  consumer.on(REBALANCING, () => giveUp('revoked'))
  consumer.on(GROUP_JOIN, ({ payload }) => {
    giveUp('lost')
    owned = placesOf(payload.memberAssignment)
    say({ type: 'assigned', places: owned })
  })
  consumer.on(COMMIT_OFFSETS, ({ payload }) => {
    const offsets = payload.topics.flatMap(({ topic, partitions }) =>
      partitions.map((p) => [topic, Number(p.partition), Number(p.offset)] as const),
    )
    say({ type: 'committed', offsets })
  })
  consumer.on(CRASH, ({ payload }) => {
    // It begins anew by itself after what it takes for passing.
    if (!payload.restart) say({ type: 'failed', error: `${payload.error}` })
  })
  await consumer.connect()
  const topics = options.topics.map((t) => (t.startsWith('^') ? new RegExp(t) : t))
  await consumer.subscribe({ topics, fromBeginning: options.reset === 'earliest' })
  await consumer.run({
    autoCommit: options.commits !== 'by-hand',
    partitionsConsumedConcurrently: 4,
    eachBatch: async (payload) => {
      if (payload.isStale()) return
      const records = recordsOf(payload)
      say({ type: 'records', records })
      position.take(records)
      payload.resolveOffset(payload.batch.lastOffset())
    },
  })
  return {
    async commit() {
      const offsets = position.all()
      await consumer.commitOffsets(
        offsets.map(([topic, partition, offset]) => ({ topic, partition, offset: `${offset}` })),
      )
    },
    pause: async (topic, partition) => consumer.pause([{ topic, partitions: [partition] }]),
    resume: async (topic, partition) => consumer.resume([{ topic, partitions: [partition] }]),
    async seek(topic, partition, offset) {
      position.forget(topic, partition)
      consumer.seek({ topic, partition, offset: `${offset}` })
    },
    async close() {
      await consumer.stop()
      giveUp('revoked')
      await consumer.disconnect()
    },
  }
}

function placesOf(assignment: IMemberAssignment): Place[] {
  return Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map((partition): Place => [topic, partition]),
  )
}

function recordsOf({ batch }: EachBatchPayload): TakenRecord[] {
  return batch.messages.map(({ offset, key, value, headers = {} }) => ({
    topic: batch.topic,
    partition: batch.partition,
    offset: Number(offset),
    key: key?.toString('base64') ?? null,
    value: value?.toString('base64') ?? null,
    headers: Object.entries(headers).map(([name, bytes]) => [
      name,
      Buffer.isBuffer(bytes) ? bytes.toString('base64') : null,
    ]),
  }))
}
