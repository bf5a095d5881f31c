import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { produce } from '../protocol/api/00-produce.ts'
import { fetch } from '../protocol/api/01-fetch.ts'
import { listOffsets } from '../protocol/api/02-list-offsets.ts'
import { metadata } from '../protocol/api/03-metadata.ts'
import { findCoordinator } from '../protocol/api/10-find-coordinator.ts'
import { apiVersions } from '../protocol/api/18-api-versions.ts'
import { createTopics } from '../protocol/api/19-create-topics.ts'
import { deleteTopics } from '../protocol/api/20-delete-topics.ts'
import { deleteRecords } from '../protocol/api/21-delete-records.ts'
import { initProducerId } from '../protocol/api/22-init-producer-id.ts'
import { offsetForLeaderEpoch } from '../protocol/api/23-offset-for-leader-epoch.ts'
import { describeConfigs } from '../protocol/api/32-describe-configs.ts'
import { alterConfigs } from '../protocol/api/33-alter-configs.ts'
import { describeLogDirs } from '../protocol/api/35-describe-log-dirs.ts'
import { createPartitions } from '../protocol/api/37-create-partitions.ts'
import { incrementalAlterConfigs } from '../protocol/api/44-incremental-alter-configs.ts'
import { describeCluster } from '../protocol/api/60-describe-cluster.ts'
import { describeProducers } from '../protocol/api/61-describe-producers.ts'
import { listConfigResources } from '../protocol/api/74-list-config-resources.ts'
import { describeTopicPartitions } from '../protocol/api/75-describe-topic-partitions.ts'
import { ZERO_UUID } from '../protocol/primitives.ts'
import type { Api, RequestInput } from '../protocol/schema.ts'
import { batchOf, TestBroker } from './broker-fixtures-for-test.ts'
import { groupRows, makeGroups } from './group-version-rows-for-test.ts'
import { servedApis } from './registry.ts'
import { NAMES, row, UNKNOWN_ID, type VersionRow, type World } from './version-row-for-test.ts'

const TOPIC = 2
const BROKER = 4
const resources = [
  { resourceType: TOPIC, resourceName: 't' },
  { resourceType: TOPIC, resourceName: 'nil' },
  { resourceType: BROKER, resourceName: '1' },
  { resourceType: BROKER, resourceName: '' },
]

const topicsIn = (version: number, idVersion: number, { topicId }: World) =>
  version < idVersion
    ? NAMES.map((topic) => ({ topic, topicId: ZERO_UUID }))
    : [topicId, UNKNOWN_ID].map((id) => ({ topic: '', topicId: id }))

const rows: readonly VersionRow[] = [
  ...groupRows,
  row(produce, (version, world) =>
    [-1, 1].map((acks) => ({
      acks,
      timeoutMs: 1_000,
      topicData: topicsIn(version, 13, world).map(({ topic, topicId }) => ({
        name: topic,
        topicId,
        partitionData: [
          { index: 0, records: batchOf(['a']) },
          { index: 0, records: Buffer.from('no batch') },
          { index: 7, records: batchOf(['a']) },
        ],
      })),
    })),
  ),
  row(fetch, (version, world) =>
    [0, 1].map((isolationLevel) => ({
      maxWaitMs: 0,
      minBytes: 1,
      isolationLevel,
      topics: topicsIn(version, 13, world).map(({ topic, topicId }) => ({
        topic,
        topicId,
        partitions: [0, 1_000_000].map((fetchOffset) => ({
          partition: fetchOffset === 0 ? 0 : 7,
          fetchOffset,
          partitionMaxBytes: 1_000,
          ...(version >= 9 && { currentLeaderEpoch: fetchOffset === 0 ? 0 : 5 }),
          ...(version >= 12 && { lastFetchedEpoch: 0 }),
        })),
      })),
    })),
  ),
  row(listOffsets, (version) =>
    [-1, -2, -3, -4, -5, -6, 0, Number.MAX_SAFE_INTEGER].map((timestamp) => ({
      replicaId: -1,
      ...(version >= 2 && { isolationLevel: 1 }),
      topics: NAMES.map((name) => ({ name, partitions: [{ partitionIndex: 0, timestamp }] })),
    })),
  ),
  row(metadata, (version, { topicId }) => [
    { topics: version === 0 ? [] : null },
    { topics: NAMES.map((name) => ({ name })) },
    ...(version >= 4 ? [{ topics: [{ name: 'nil' }], allowAutoTopicCreation: false }] : []),
    ...(version >= 8 ? [{ topics: [{ name: 't' }], includeTopicAuthorizedOperations: true }] : []),
    ...(version >= 8 && version <= 10
      ? [{ topics: [], includeClusterAuthorizedOperations: true }]
      : []),
    ...(version >= 12
      ? [{ topics: [topicId, UNKNOWN_ID].map((id) => ({ name: null, topicId: id })) }]
      : []),
  ]),
  row(findCoordinator, (version) =>
    (version === 0 ? [0] : [0, 1, 2, 9]).map((keyType) => ({
      ...(version > 0 && { keyType }),
      ...(version < 4 ? { key: 'g' } : { coordinatorKeys: ['g', `g:${UNKNOWN_ID}:0`] }),
    })),
  ),
  row(apiVersions, (version) => [
    version < 3 ? {} : { clientSoftwareName: 'test', clientSoftwareVersion: '1' },
    version < 3 ? {} : { clientSoftwareName: ' ', clientSoftwareVersion: '' },
  ]),
  row(createTopics, (version, { next }) => {
    const configs = [{ name: 'retention.ms', value: '1000' }]
    const topic = { numPartitions: 1, replicationFactor: 1, assignments: [], configs }
    const usual = version < 4 ? topic : { ...topic, numPartitions: -1, replicationFactor: -1 }
    const names = [next(), 't', 'a b']
    return [false, true].map((validateOnly) => ({
      topics: names.map((name) => ({ ...usual, name })),
      validateOnly,
    }))
  }),
  // The topics that CreateTopics has made, whose versions come first.
  row(deleteTopics, (version) => [
    version < 6
      ? { topicNames: [`made-${version}`, 'nil', 'a b'], timeoutMs: 1_000 }
      : {
          topics: [
            { name: `made-${version}`, topicId: ZERO_UUID },
            { name: 'nil', topicId: ZERO_UUID },
            { name: null, topicId: UNKNOWN_ID },
          ],
          timeoutMs: 1_000,
        },
  ]),
  row(deleteRecords, () => [
    {
      topics: NAMES.map((name) => ({
        name,
        partitions: [
          { partitionIndex: 0, offset: 0 },
          { partitionIndex: 7, offset: -1 },
        ],
      })),
      timeoutMs: 1_000,
    },
  ]),
  row(initProducerId, (version) => [
    { transactionalId: null, transactionTimeoutMs: 1_000 },
    { transactionalId: 'x', transactionTimeoutMs: 1_000 },
    ...(version >= 3
      ? [{ transactionalId: null, transactionTimeoutMs: 1, producerId: 5, producerEpoch: -1 }]
      : []),
  ]),
  row(offsetForLeaderEpoch, () => [
    {
      topics: NAMES.map((topic) => ({
        topic,
        partitions: [0, 1].map((leaderEpoch) => ({ partition: leaderEpoch, leaderEpoch })),
      })),
    },
  ]),
  row(describeConfigs, (version) => [
    {
      resources: resources.map((one) => ({ ...one, configurationKeys: null })),
      includeSynonyms: true,
      ...(version >= 3 && { includeDocumentation: true }),
    },
    { resources: [{ resourceType: 99, resourceName: 'x', configurationKeys: ['a'] }] },
  ]),
  row(alterConfigs, () => [
    {
      resources: resources.map((one) => ({
        ...one,
        configs: [{ name: one.resourceType === TOPIC ? 'retention.ms' : 'nil', value: '5' }],
      })),
      validateOnly: true,
    },
  ]),
  row(describeLogDirs, () => [
    { topics: null },
    { topics: NAMES.map((topic) => ({ topic, partitions: [0] })) },
  ]),
  row(createPartitions, () => [
    {
      topics: NAMES.map((name) => ({ name, count: 2, assignments: null })),
      timeoutMs: 1_000,
      validateOnly: true,
    },
  ]),
  row(incrementalAlterConfigs, () => [
    {
      resources: resources.map((one) => ({
        ...one,
        configs: [{ name: 'retention.ms', configOperation: 0, value: '5' }],
      })),
      validateOnly: true,
    },
    {
      resources: [{ ...resources[0]!, configs: [{ name: 'a', configOperation: 9, value: null }] }],
      validateOnly: true,
    },
  ]),
  row(describeCluster, (version) => [
    { includeClusterAuthorizedOperations: true },
    ...(version >= 1 ? [{ includeClusterAuthorizedOperations: false, endpointType: 2 }] : []),
    ...(version >= 2
      ? [{ includeClusterAuthorizedOperations: false, includeFencedBrokers: true }]
      : []),
  ]),
  row(describeProducers, () => [
    { topics: NAMES.map((name) => ({ name, partitionIndexes: [0, 7] })) },
  ]),
  row(listConfigResources, (version) => [
    // A topic is there; client metrics, all that v0 lists, are not.
    version < 1 ? {} : { resourceTypes: [TOPIC, BROKER] },
    ...(version >= 1 ? [{}, { resourceTypes: [99] }] : []),
  ]),
  row(describeTopicPartitions, () => [
    { topics: [] },
    { topics: NAMES.map((name) => ({ name })), responsePartitionLimit: 1 },
    { topics: [], cursor: { topicName: 't', partitionIndex: -1 } },
  ]),
]

let b: TestBroker
let world: World
before(async () => {
  b = await TestBroker.start({ config: { 'group.initial.rebalance.delay.ms': '0' } })
  const topicId = await b.createTopic('t')
  await b.produce('t', ['a'], { producerId: 7, producerEpoch: 0, baseSequence: 0 })
  let made = 0
  world = {
    topicId,
    memberOf: await makeGroups(b),
    next: () => {
      made += 1
      return `made-${made}`
    },
  }
})
after(() => b.stop())

for (const { api } of servedApis.handlers) {
  const known = rows.find((one) => one.api === api)
  for (let version = api.versions.from; version <= api.latestStable; version++) {
    test(`${api.name} v${version} is answered, and the connection stays`, async () => {
      assert.ok(known, `${api.name} has no row`)
      const connection = await b.connect()
      for (const [index, request] of known.requests(version, world).entries()) {
        const sent = connection.send(api, version, request as RequestInput<Api>)
        const answer = await b.simulation.until(sent)
        if (index === 0) assert.ok(saysSuccess(answer), JSON.stringify(answer))
      }
      assert.ok(connection.isOpen)
      connection.close()
    })
  }
}

/** Whether an answer has a part that went well. Old versions of some have no code to say it with. */
function saysSuccess(answer: unknown): boolean {
  if (Array.isArray(answer)) return answer.some(saysSuccess)
  if (typeof answer !== 'object' || answer === null) return false
  const fields = Object.entries(answer)
  return fields.some(([name, value]) => (name === 'errorCode' ? value === 0 : saysSuccess(value)))
}
