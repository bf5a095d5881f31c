import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { offsetCommit } from '../protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../protocol/api/09-offset-fetch.ts'
import { findCoordinator } from '../protocol/api/10-find-coordinator.ts'
import { listGroups } from '../protocol/api/16-list-groups.ts'
import { committedOffsets } from './api/offsets-fixtures-for-test.ts'
import type { TestBroker } from './broker-fixtures-for-test.ts'
import { noReference, startOnKafkasDirectory } from './kafka-directory-for-test.ts'

/** What Kafka's own tools showed of the groups when the directory was closed. */
const committed: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'lab-classic': { 'many-0': 1, 'many-2': 108, 'plain-0': 60 },
  'lab-consumer': { 'many-0': 98, 'many-1': 95, 'plain-0': 60 },
  'lab-eos': { 'plain-0': 7 },
  'lab-kcat': { 'many-0': 98, 'many-1': 95, 'many-2': 108 },
  'lab-regex': {},
  'lab-static': { 'many-0': 98, 'many-1': 95, 'many-2': 108 },
  'metrics-consumer': { 'many-0': 100, 'many-1': 95, 'many-2': 108, 'many-3': 0 },
  rc: { 'txn-0': 18 },
}

/** Empty groups that Kafka listed; share and streams groups are left where they are. */
const listed: readonly (readonly [groupId: string, protocolType: string, groupType: string])[] = [
  ['lab-classic', 'consumer', 'classic'],
  ['lab-consumer', 'consumer', 'consumer'],
  ['lab-eos', '', 'classic'],
  ['lab-kcat', 'consumer', 'classic'],
  ['lab-static', 'consumer', 'classic'],
  ['lab-streams-classic', 'consumer', 'classic'],
  ['metrics-classic', 'consumer', 'classic'],
  ['metrics-consumer', 'consumer', 'consumer'],
  ['rc', '', 'classic'],
]

describe('a broker that adopts __consumer_offsets of Kafka', { skip: noReference }, () => {
  let b: TestBroker
  before(async () => {
    b = await startOnKafkasDirectory()
  })
  after(() => b?.stop())

  for (const [groupId, offsets] of Object.entries(committed)) {
    test(`serves the offsets of ${groupId}`, async () => {
      assert.deepEqual(await committedOffsets(b, groupId), offsets)
    })
  }

  /** The state of each group. */
  const statesOf = async () => {
    const { groups } = await b.ask(listGroups, {})
    return new Map(groups.map(({ groupId, groupState }) => [groupId, groupState]))
  }

  test('waits for members that were there, and lets go of them when they stay silent', async () => {
    assert.equal((await statesOf()).get('metrics-streams'), 'Stable')
    await b.advance(60_000)
    assert.equal((await statesOf()).get('metrics-streams'), 'Empty')
  })

  test('lists the groups that Kafka had', async () => {
    const { groups } = await b.ask(listGroups, {})
    const found = new Map(groups.map((group) => [group.groupId, group]))
    for (const [groupId, protocolType, groupType] of listed) {
      const expected = { groupId, protocolType, groupState: 'Empty', groupType }
      assert.deepEqual(found.get(groupId), expected)
    }
    assert.equal(found.has('lab-regex'), false)
  })

  test('tells the text and the epoch of an offset that a transaction committed', async () => {
    const topics = [{ name: 'plain', partitionIndexes: [0] }]
    const request = { groups: [{ groupId: 'lab-eos', topics }], requireStable: true }
    const { groups } = await b.ask(offsetFetch, request, 9)
    assert.deepEqual(groups[0]?.topics[0]?.partitions[0], {
      partitionIndex: 0,
      committedOffset: 7,
      committedLeaderEpoch: 0,
      metadata: 'in a transaction',
      errorCode: 0,
    })
  })

  test('has the one partition that Kafka had, and goes on writing to it', async () => {
    const { coordinators } = await b.ask(findCoordinator, { keyType: 0, coordinatorKeys: ['g'] })
    assert.deepEqual(
      coordinators.map(({ errorCode, nodeId }) => [errorCode, nodeId]),
      [[0, 1]],
    )
    const partitions = [{ partitionIndex: 0, committedOffset: 70, committedMetadata: null }]
    const topics = [{ name: 'plain', partitions }]
    const request = { groupId: 'lab-classic', memberId: '', topics }
    const answer = await b.ask(offsetCommit, request, 9)
    assert.equal(answer.topics[0]?.partitions[0]?.errorCode, 0)
    await b.kill()
    await b.start()
    const expected = { ...committed['lab-classic'], 'plain-0': 70 }
    assert.deepEqual(await committedOffsets(b, 'lab-classic'), expected)
    assert.deepEqual(await committedOffsets(b, 'lab-kcat'), committed['lab-kcat'])
  })
})
