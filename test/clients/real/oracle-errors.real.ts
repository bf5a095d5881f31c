import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { produce } from '../../../src/protocol/api/00-produce.ts'
import { describeCluster } from '../../../src/protocol/api/60-describe-cluster.ts'
import { errors } from '../../../src/protocol/errors.ts'
import type { Broker } from '../broker.ts'
import { startBroker } from '../harness.ts'
import { noOracle, startOracle } from '../oracle.ts'
import { batchOf } from '../raw/batch.ts'
import { RawConnection } from '../raw/connection.ts'
import { createTopic, findGroup } from '../raw/requests.ts'
import { uniqueTopic } from '../support.ts'
import { configRequests } from './bad/configs.ts'
import { frameRequests } from './bad/frames.ts'
import { groupAdminRequests } from './bad/groups-admin.ts'
import { classicGroupRequests } from './bad/groups-classic.ts'
import { consumerGroupRequests } from './bad/groups-consumer.ts'
import { mixedGroupRequests } from './bad/groups-mixed.ts'
import { offsetRequests } from './bad/offsets.ts'
import { produceRequests } from './bad/produce.ts'
import { readRequests } from './bad/read.ts'
import type { BadRequest, World } from './bad/row.ts'
import { topicRequests } from './bad/topics.ts'

const groups: Readonly<Record<string, readonly BadRequest[]>> = {
  produce: produceRequests,
  read: readRequests,
  topics: topicRequests,
  configs: configRequests,
  frames: frameRequests,
  'classic groups': classicGroupRequests,
  'consumer groups': consumerGroupRequests,
  'groups of both protocols': mixedGroupRequests,
  'admin of groups': groupAdminRequests,
  offsets: offsetRequests,
}

const skip = await noOracle()
const names = { topic: uniqueTopic('bad.request'), compacted: uniqueTopic('bad-compacted') }
const timeMs = Date.now() - 60_000

describe('bad requests are answered as Kafka answers them', { skip }, () => {
  let brokers: readonly Broker[] = []
  let worlds: readonly World[] = []
  before(async () => {
    // Groups that do everything at once give the same answers however fast the machine is.
    const config = {
      'node.id': '1',
      'group.initial.rebalance.delay.ms': '0',
      'group.consumer.assignment.interval.ms': '0',
    }
    brokers = await Promise.all([startOracle({ config }), startBroker({ config })])
    worlds = await Promise.all(brokers.map((broker) => makeWorld(broker.bootstrap)))
  })
  after(() => Promise.all(brokers.map((broker) => broker[Symbol.asyncDispose]())))

  for (const [group, requests] of Object.entries(groups))
    describe(group, () => {
      for (const request of requests)
        test(request.name, async () => {
          const fresh = uniqueTopic('bad-fresh')
          const answer = async (index: number): Promise<unknown> => {
            const [broker, world] = [brokers[index], worlds[index]]
            assert.ok(broker && world)
            const writes = group === 'produce'
            return await answerOf(broker.bootstrap, request, world, writes ? fresh : undefined)
          }
          const [expected, actual] = [await answer(0), await answer(1)]
          assert.deepEqual(forgiving(actual, expected), expected)
        })
    })
})

/**
 * Where Kafka itself fails over a request (UNKNOWN_SERVER_ERROR), any error is as good.
 * @returns `actual` with Kafka's answer in such places.
 */
function forgiving(actual: unknown, expected: unknown): unknown {
  if (typeof actual !== 'object' || actual === null) return actual
  if (typeof expected !== 'object' || expected === null) return actual
  const theirs = new Map(Object.entries(expected))
  if (theirs.get('errorCode') === errors.UNKNOWN_SERVER_ERROR.code) {
    const ours = 'errorCode' in actual && actual.errorCode !== errors.NONE.code
    return ours ? expected : actual
  }
  if (Array.isArray(actual)) return actual.map((item, i) => forgiving(item, theirs.get(`${i}`)))
  return Object.fromEntries(
    Object.entries(actual).map(([name, value]) => [name, forgiving(value, theirs.get(name))]),
  )
}

/** Sends one request over a connection of its own. */
async function answerOf(
  bootstrap: string,
  request: BadRequest,
  world: World,
  fresh: string | undefined,
): Promise<unknown> {
  const connection = await RawConnection.open(bootstrap)
  try {
    if (fresh === undefined) return await request.send(connection, world)
    const { topicId } = await createTopic(connection, fresh, 1)
    return await request.send(connection, { ...world, fresh, freshId: topicId })
  } finally {
    connection.close()
  }
}

async function makeWorld(bootstrap: string): Promise<World> {
  const connection = await RawConnection.open(bootstrap)
  const { topicId } = await createTopic(connection, names.topic, 2)
  await createTopic(connection, names.compacted, 1, { 'cleanup.policy': 'compact' })
  await findGroup(connection, 'nobody')
  const records = Array.from({ length: 10 }, (_, i) => ({
    key: `${i}`,
    value: 'x',
    timestampDelta: i,
  }))
  const filled = await connection.ask(produce, 13, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 10_000,
    topicData: [
      {
        topicId,
        partitionData: [{ index: 0, records: batchOf(records, { firstTimestampMs: timeMs }) }],
      },
    ],
  })
  assert.equal(filled.responses[0]?.partitionResponses[0]?.errorCode, 0)
  const cluster = await connection.ask(describeCluster, 0, {
    includeClusterAuthorizedOperations: false,
  })
  connection.close()
  const brokerId = cluster.brokers[0]?.brokerId ?? -1
  return { ...names, topicId, timeMs, brokerId, fresh: '', freshId: '' }
}
