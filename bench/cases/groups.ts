/** Consumer groups and their offsets, as far as the coordinator's work goes: nobody consumes anything. */

import { setTimeout as delay } from 'node:timers/promises'
import { offsetCommit } from '../../src/protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../../src/protocol/api/09-offset-fetch.ts'
import type { Broker, BrokerOptions } from '../broker.ts'
import { Connection } from '../clients/connection.ts'
import { awaitCoordinators, oneGroupPerPartition } from '../clients/group-requests.ts'
import { openMany } from '../clients/many.ts'
import { createTopic } from '../clients/requests.ts'
import { residentBytes } from '../process-figures.ts'
import {
  bothBrokers,
  type Case,
  type Figures,
  type Round,
  runClient,
  startBroker,
  startWith,
  withBroker,
} from './case.ts'

/** Three times as often as consumers do by default, so that its cost can be told from an idle broker's. */
const HEARTBEATS_PER_SECOND = 1
const GROUPS = 1000
const CLIENT_LIMIT_MS = 180_000
/**
 * Rebalances take the time that members need to hear of them, and that the first of a group is put off
 * to let others join. Both are made short, for both brokers, so that what is left is the broker's work.
 */
const HEARTBEAT_MS = 100
const eager = {
  'group.initial.rebalance.delay.ms': 500,
  'group.consumer.min.heartbeat.interval.ms': HEARTBEAT_MS,
  'group.consumer.heartbeat.interval.ms': HEARTBEAT_MS,
}

interface Times {
  readonly 'warm-up-seconds': number
  readonly seconds: number
}

const times = ({ isQuick }: Round): Times =>
  isQuick ? { 'warm-up-seconds': 3, seconds: 5 } : { 'warm-up-seconds': 10, seconds: 20 }

export const groupCases: readonly Case[] = [
  {
    name: 'group-heartbeats',
    brokers: bothBrokers,
    run: (round) =>
      withBroker(round, ({ bootstrap, pid }) => {
        const load = { groups: GROUPS, 'per-second': HEARTBEATS_PER_SECOND }
        const options = { bootstrap, pid, ...load, ...times(round) }
        return runClient(round, 'group-heartbeats.ts', options, CLIENT_LIMIT_MS)
      }),
  },
  commits('group-commits', { rate: 50_000, 'per-request': 10 }),
  commits('group-commits-single', { rate: 10_000, 'per-request': 1 }),
  rebalance('group-classic-500', { protocol: 'classic', joining: 500, partitions: 1000 }),
  rebalance('group-consumer-500', { protocol: 'consumer', joining: 500, partitions: 1000 }),
  rebalance('group-consumer-10', {
    protocol: 'consumer',
    members: 9,
    joining: 1,
    partitions: 900,
  }),
  { name: 'group-load', brokers: bothBrokers, run: loadAgain },
]

/** @param load offsets per second, and how many of them one request commits. */
function commits(name: string, load: Readonly<Record<string, number>>): Case {
  return {
    name,
    brokers: bothBrokers,
    run: (round) =>
      withBroker(round, ({ bootstrap, pid }) => {
        const options = { bootstrap, pid, connections: 50, ...load, ...times(round) }
        return runClient(round, 'group-commits.ts', options, CLIENT_LIMIT_MS)
      }),
  }
}

function rebalance(name: string, group: Readonly<Record<string, string | number>>): Case {
  return {
    name,
    brokers: bothBrokers,
    run: (round) =>
      withBroker(
        round,
        ({ bootstrap }) => {
          const options = { bootstrap, 'heartbeat-ms': HEARTBEAT_MS, ...group }
          return runClient(round, 'group-rebalance.ts', options, CLIENT_LIMIT_MS)
        },
        startWith(eager),
      ),
  }
}

const LOADED_GROUPS = 10_000
const OFFSETS_PER_GROUP = 100
const FILLING_CONNECTIONS = 20
const COMMITTED = 1_000_000
const COMMIT_VERSION = 9
const FETCH_VERSION = 8
const TOPIC = 'loaded'
const LOAD_LIMIT_MS = 120_000
const ASK_EVERY_MS = 3

/** Fills the coordinator with offsets, stops the broker, and measures its next start until all of them
 *  can be fetched. */
function loadAgain(round: Round): Promise<Figures> {
  const groupIds = Array.from(
    { length: LOADED_GROUPS / (round.isQuick ? 8 : 1) },
    (_, number) => `group-${number}`,
  )
  const startAgain = async (_: Round, options: BrokerOptions): Promise<Broker> => {
    const first = await startBroker(round, options)
    try {
      await commitAll(first, groupIds)
    } finally {
      await first.stop()
    }
    return startBroker(round, options)
  }
  return withBroker(
    round,
    async (broker) => {
      const loadMs = await untilLoaded(broker, oneGroupPerPartition(groupIds))
      return {
        loadedMs: broker.startMs + loadMs,
        startMs: broker.startMs,
        residentMegabytes: residentBytes(broker.pid) / 1e6,
      }
    },
    startAgain,
  )
}

async function commitAll({ bootstrap }: Broker, groupIds: readonly string[]): Promise<void> {
  const connections = await openMany(bootstrap, FILLING_CONNECTIONS)
  await createTopic(connections[0]!, TOPIC, OFFSETS_PER_GROUP)
  await awaitCoordinators(connections[0]!)
  const partitions = Array.from({ length: OFFSETS_PER_GROUP }, (_, partitionIndex) => {
    return { partitionIndex, committedOffset: COMMITTED, committedMetadata: '' }
  })
  const topics = [{ name: TOPIC, partitions }]
  const left = [...groupIds]
  const commitSome = async (connection: Connection): Promise<void> => {
    for (let groupId = left.pop(); groupId !== undefined; groupId = left.pop()) {
      const request = { groupId, memberId: '', topics }
      const answer = await connection.ask(offsetCommit, COMMIT_VERSION, request)
      const isDone = answer.topics[0]!.partitions.every(({ errorCode }) => errorCode === 0)
      if (!isDone) throw new Error(`the offsets of ${groupId} could not be committed`)
    }
    connection.close()
  }
  await Promise.all(connections.map(commitSome))
}

/** @returns ms until the offsets of each of the groups were there. */
async function untilLoaded({ bootstrap }: Broker, groupIds: readonly string[]): Promise<number> {
  const fromMs = performance.now()
  const connection = await Connection.open(bootstrap)
  const partitionIndexes = Array.from({ length: OFFSETS_PER_GROUP }, (_, index) => index)
  const topics = [{ name: TOPIC, partitionIndexes }]
  const left = new Set(groupIds)
  while (left.size > 0) {
    const asked = [...left].map((groupId) => ({ groupId, topics }))
    const { groups } = await connection.ask(offsetFetch, FETCH_VERSION, { groups: asked })
    for (const { errorCode, groupId, topics: found } of groups) {
      if (errorCode !== 0) continue
      const isThere = found[0]!.partitions.every(
        ({ committedOffset }) => committedOffset === COMMITTED,
      )
      if (!isThere) throw new Error(`offsets of ${groupId} are lost`)
      left.delete(groupId)
    }
    if (performance.now() - fromMs > LOAD_LIMIT_MS) throw new Error(`not loaded in time`)
    if (left.size > 0) await delay(ASK_EVERY_MS)
  }
  connection.close()
  return performance.now() - fromMs
}
