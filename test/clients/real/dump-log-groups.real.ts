import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { offsetCommit } from '../../../src/protocol/api/08-offset-commit.ts'
import { joinGroup } from '../../../src/protocol/api/11-join-group.ts'
import { syncGroup } from '../../../src/protocol/api/14-sync-group.ts'
import { deleteGroups } from '../../../src/protocol/api/42-delete-groups.ts'
import { consumerGroupHeartbeat } from '../../../src/protocol/api/68-consumer-group-heartbeat.ts'
import type { Broker } from '../broker.ts'
import { noControl, startBroker } from '../harness.ts'
import { noOracle } from '../oracle.ts'
import { RawConnection } from '../raw/connection.ts'
import { createTopic, findGroup } from '../raw/requests.ts'
import { subscription } from './bad/groups-classic.ts'
import { runTools } from './java.ts'

const skip = noControl || (await noOracle())

/** A record as the tool prints it: the number of its key's type, what the key and the value say. */
interface Dumped {
  readonly type: string
  readonly key: Readonly<Record<string, unknown>>
  readonly version: string | undefined
  readonly value: Readonly<Record<string, unknown>> | undefined
}

const line = /^\| offset: \d+ .* key: (\{.*\}) payload: (.*)$/

describe('kafka-dump-log --offsets-decoder reads what groups write', { skip }, () => {
  let broker: Broker
  let records: readonly Dumped[]
  before(async () => {
    broker = await startBroker({
      config: { 'offsets.topic.num.partitions': '1', 'group.initial.rebalance.delay.ms': '0' },
    })
    const connection = await RawConnection.open(broker.bootstrap)
    await createTopic(connection, 'orders', 2)
    await findGroup(connection, 'any')
    await commit(connection, 9, 'bare', 'Grüße')
    await commit(connection, 2, 'old', null, { retentionTimeMs: 60_000 })
    await joinClassic(connection, 'classic')
    await joinConsumer(connection, 'consumer')
    await connection.ask(deleteGroups, 2, { groupsNames: ['old'] })
    connection.close()
    await broker.stop()
    records = await dump(broker)
  })
  after(() => broker?.[Symbol.asyncDispose]())

  const of = (type: number, group: string) => {
    return records.filter((one) => {
      return one.type === `${type}` && (one.key.group ?? one.key.groupId) === group
    })
  }

  test('an offset', () => {
    const [record] = of(1, 'bare')
    assert.deepEqual(record?.key, { group: 'bare', topic: 'orders', partition: 1 })
    assert.equal(record.version, '4')
    const { commitTimestamp, topicId, ...value } = record.value ?? {}
    assert.deepEqual(value, { offset: 7, leaderEpoch: 2, metadata: 'Grüße' })
    assert.equal(typeof commitTimestamp, 'number')
  })

  test('an offset with an expiry of its own, and its end with its group', () => {
    const [written, end] = of(1, 'old')
    assert.equal(written?.version, '1')
    const { commitTimestamp, expireTimestamp } = written.value ?? {}
    assert.equal(Number(expireTimestamp) - Number(commitTimestamp), 60_000)
    assert.deepEqual([end?.key, end?.value], [written.key, undefined])
    assert.deepEqual(
      of(2, 'old').map(({ value }) => value),
      [undefined],
    )
  })

  test('a classic group', () => {
    const last = of(2, 'classic').at(-1)
    assert.equal(last?.version, '3')
    const { protocolType, generation, protocol, members } = last.value ?? {}
    assert.deepEqual([protocolType, generation, protocol], ['consumer', 1, 'range'])
    assert.equal(Array.isArray(members) && members.length, 1)
  })

  const kinds: Readonly<Record<number, string>> = {
    3: 'the group',
    5: 'a member',
    6: 'the epoch of the target',
    7: 'the target of a member',
    8: 'what a member has',
    16: 'a pattern',
  }
  for (const [type, what] of Object.entries(kinds))
    test(`of a consumer group ${what}`, () => {
      const found = of(Number(type), 'consumer')
      assert.ok(found.length > 0)
      for (const { version } of found) assert.equal(version, '0')
    })
})

async function commit(
  connection: RawConnection,
  version: number,
  groupId: string,
  committedMetadata: string | null,
  more: { readonly retentionTimeMs?: number } = {},
): Promise<void> {
  const partition = { partitionIndex: 1, committedOffset: 7, committedMetadata }
  const partitions = [{ ...partition, ...(version >= 6 && { committedLeaderEpoch: 2 }) }]
  const topics = [{ name: 'orders', partitions }]
  const request = { groupId, memberId: '', topics, ...more }
  const answer = await connection.ask(offsetCommit, version, request)
  assert.equal(answer.topics[0]?.partitions[0]?.errorCode, 0)
}

/** A group of one member that has got its assignment. */
async function joinClassic(connection: RawConnection, groupId: string): Promise<void> {
  const { memberId } = await connection.ask(joinGroup, 3, {
    groupId,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscription('orders') }],
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
  })
  const assignments = [{ memberId, assignment: new Uint8Array(0) }]
  const synced = { groupId, memberId, generationId: 1, assignments }
  const { errorCode } = await connection.ask(syncGroup, 3, synced)
  assert.equal(errorCode, 0)
}

async function joinConsumer(connection: RawConnection, groupId: string): Promise<void> {
  const { errorCode } = await connection.ask(consumerGroupHeartbeat, 1, {
    groupId,
    memberId: 'm',
    memberEpoch: 0,
    rebalanceTimeoutMs: 30_000,
    subscribedTopicRegex: 'ord.*',
    subscribedTopicNames: ['orders'],
    topicPartitions: [],
  })
  assert.equal(errorCode, 0)
}

/** What the tool says of every record in the one partition. */
async function dump(broker: Broker): Promise<readonly Dumped[]> {
  assert.ok(broker.dataDirectory)
  const directory = join(broker.dataDirectory, '__consumer_offsets-0')
  const files = (await readdir(directory)).filter((file) => file.endsWith('.log')).toSorted()
  const paths = files.map((file) => join(directory, file)).join(',')
  const command = `kafka-dump-log --offsets-decoder --files ${paths}`
  const runs = await runTools(broker.bootstrap, [{ name: 'offsets', command, stdin: '' }])
  const run = runs.get('offsets')
  assert.equal(run?.exit, '0', run?.stderr.join('\n'))
  return run.stdout.filter((text) => text.startsWith('| offset: ')).map(dumped)
}

function dumped(text: string): Dumped {
  const [, key, payload] = line.exec(text) ?? []
  assert.ok(key !== undefined && payload !== undefined, text)
  const { type, data } = JSON.parse(key)
  if (!payload.startsWith('{')) return { type, key: data, version: undefined, value: undefined }
  const value = JSON.parse(payload)
  return { type, key: data, version: value.version, value: value.data }
}
