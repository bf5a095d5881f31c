import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { applyChange, deltaBetween, imageOf } from './apply.ts'
import type { Change, Commit } from './coordination.ts'
import { type ClusterImage, EMPTY_IMAGE } from './image.ts'
import {
  brokerKey,
  CLUSTER_KEY,
  configKey,
  deletedTopicKey,
  keyName,
  PRODUCER_IDS_KEY,
  partitionKey,
  partitionsPrefix,
  topicKey,
} from './keys.ts'
import { brokerPut, memoryStore, topicPut } from './metadata-fixtures-for-test.ts'

/** The images after each of some commits. */
async function imagesAfter(...commits: Commit[]): Promise<ClusterImage[]> {
  const { coordination } = memoryStore()
  for (const commit of commits) await coordination.commit(commit)
  const images: ClusterImage[] = [EMPTY_IMAGE]
  const signal = new AbortController().signal
  for await (const change of coordination.watch('', 0, signal)) {
    images.push(applyChange(images.at(-1)!, change).image)
    if (images.length === commits.length + 1) break
  }
  return images
}

const state = (leader: number, leaderEpoch: number, isr: number[]) =>
  JSON.stringify({ leader, leaderEpoch, partitionEpoch: leaderEpoch, isr })

test('a new topic is led by its first replicas, all in sync, at epoch 0', async () => {
  const [, image] = await imagesAfter({ puts: [topicPut('a', 'ID', [2, 1], [1])] })
  assert.deepEqual(image?.topics.get('a'), image?.topicsById.get('ID'))
  assert.deepEqual(image?.topics.get('a'), {
    name: 'a',
    id: 'ID',
    internal: false,
    createRevision: 1,
    modRevision: 1,
    partitions: [[2, 1], [1]].map((replicas, index) => ({
      index,
      leader: replicas[0],
      leaderEpoch: 0,
      partitionEpoch: 0,
      replicas,
      isr: replicas,
      elr: [],
      lastKnownElr: [],
      addingReplicas: [],
      removingReplicas: [],
      revision: 0,
    })),
  })
})

test('a partition key says what its partition is now', async () => {
  const [, , image] = await imagesAfter(
    { puts: [topicPut('a', 'ID', [2, 1], [1])] },
    { puts: [{ key: partitionKey('ID', 0), value: state(1, 4, [1]) }] },
  )
  const partition = image?.topics.get('a')?.partitions[0]
  assert.equal(partition?.leader, 1)
  assert.equal(partition?.leaderEpoch, 4)
  assert.equal(partition?.revision, 2)
  assert.deepEqual(partition?.isr, [1])
  assert.deepEqual(partition?.replicas, [2, 1])
})

test('a topic that grows keeps what its partitions had become', async () => {
  const [, , before, after] = await imagesAfter(
    { puts: [topicPut('a', 'ID', [1])] },
    { puts: [{ key: partitionKey('ID', 0), value: state(1, 4, [1]) }] },
    { puts: [topicPut('a', 'ID', [1], [1])] },
  )
  assert.equal(after?.topics.get('a')?.partitions.length, 2)
  assert.equal(after?.topics.get('a')?.partitions[0], before?.topics.get('a')?.partitions[0])
})

test('a topic deleted and made again is another, and its old id leads nowhere', async () => {
  const [, , deleted, again] = await imagesAfter(
    {
      puts: [topicPut('a.b', 'OLD', [1]), { key: partitionKey('OLD', 0), value: state(1, 4, [1]) }],
    },
    { deletes: [topicKey('a.b')], deletePrefixes: [partitionsPrefix('OLD')] },
    { puts: [topicPut('a_b', 'NEW', [1])] },
  )
  assert.equal(deleted?.topics.size, 0)
  assert.equal(deleted?.topicsById.size, 0)
  assert.equal(again?.topicsById.get('OLD'), undefined)
  assert.equal(again?.topicsById.get('NEW')?.name, 'a_b')
  assert.equal(again?.topics.get('a.b'), undefined)
})

test('a topic replaced within one commit leaves nothing of the old one', async () => {
  const [, , image] = await imagesAfter(
    { puts: [topicPut('a.b', 'OLD', [1])] },
    { puts: [topicPut('a_b', 'NEW', [1])] },
  )
  assert.deepEqual([...(image?.topics.keys() ?? [])], ['a_b'])
  assert.deepEqual([...(image?.topicsById.keys() ?? [])], ['NEW'])
})

test('a partition key that comes with its topic, or before it in the order of keys, is applied', async () => {
  const [, image] = await imagesAfter({
    puts: [{ key: partitionKey('ID', 0), value: state(1, 7, [1]) }, topicPut('a', 'ID', [1])],
  })
  assert.equal(image?.topics.get('a')?.partitions[0]?.leaderEpoch, 7)
})

test('what a commit does not touch is shared with the image before', async () => {
  const [, before, after] = await imagesAfter(
    { puts: [topicPut('a', 'A', [1], [1]), topicPut('b', 'B', [1])] },
    { puts: [{ key: partitionKey('A', 1), value: state(1, 1, [1]) }] },
  )
  assert.equal(after?.topics.get('b'), before?.topics.get('b'))
  assert.equal(after?.topics.get('a')?.partitions[0], before?.topics.get('a')?.partitions[0])
  assert.notEqual(after?.topics.get('a')?.partitions[1], before?.topics.get('a')?.partitions[1])
  assert.equal(after?.brokerConfigs, before?.brokerConfigs)
})

test('brokers, settings, producer ids and the cluster are in the image', async () => {
  const topic = configKey({ kind: 'topic', name: 'a' })
  const [, , image, last] = await imagesAfter(
    { puts: [brokerPut(3), { key: CLUSTER_KEY, value: '{"clusterId":"C"}' }] },
    {
      puts: [
        { key: topic, value: '{"retention.ms":"1"}' },
        { key: configKey({ kind: 'broker', name: '' }), value: '{"x":"1"}' },
        { key: configKey({ kind: 'group', name: 'g' }), value: '{"y":"1"}' },
        { key: configKey({ kind: 'client-metrics', name: 'm' }), value: '{"z":"1"}' },
        { key: PRODUCER_IDS_KEY, value: '{"next":5000}' },
        { key: deletedTopicKey('GONE'), value: '{"name":"gone"}' },
        { key: '/of/a/newer/version', value: 'no json' },
      ],
    },
    { deletes: [topic, brokerKey(3)] },
  )
  assert.equal(image?.clusterId, 'C')
  assert.equal(image?.brokers.get(3)?.epoch, 1)
  assert.deepEqual(image?.topicConfigs.get('a'), { 'retention.ms': '1' })
  assert.deepEqual(image?.brokerConfigs.get(''), { x: '1' })
  assert.deepEqual(image?.groupConfigs.get('g'), { y: '1' })
  assert.deepEqual(image?.clientMetricsConfigs.get('m'), { z: '1' })
  assert.equal(image?.configRevisions.get(topic), 2)
  assert.deepEqual(image?.producerIds, { next: 5_000, modRevision: 2 })
  assert.equal(image?.deletedTopics.get('GONE'), 'gone')
  assert.equal(last?.topicConfigs.size, 0)
  assert.equal(last?.configRevisions.has(topic), false)
  assert.equal(last?.brokers.size, 0)
})

test('a delta names what a change touched', async () => {
  const [, before] = await imagesAfter({ puts: [topicPut('a', 'A', [1]), topicPut('b', 'B', [1])] })
  const change: Change = {
    revision: 2,
    entries: [
      { key: topicKey('a'), value: undefined },
      { ...brokerPut(1), createRevision: 2, modRevision: 2 },
      { key: partitionKey('B', 0), value: state(1, 1, [1]), createRevision: 2, modRevision: 2 },
    ],
  }
  const { image, delta } = applyChange(before!, change)
  assert.deepEqual([...delta.topics].sort(), ['a', 'b'])
  assert.deepEqual([...delta.brokers], [1])
  assert.equal(delta.hasNewConfigs, false)
  const same = deltaBetween(before!, image)
  assert.deepEqual([...same.topics].sort(), ['a', 'b'])
  assert.deepEqual([...same.brokers], [1])
})

test('every key names what it was made for', () => {
  assert.deepEqual(keyName(partitionKey('I-d_', 12)), {
    type: 'partition',
    topicId: 'I-d_',
    index: 12,
  })
  assert.deepEqual(keyName(brokerKey(7)), { type: 'broker', id: 7 })
  assert.deepEqual(keyName(topicKey('a.b')), { type: 'topic', key: topicKey('a_b') })
  for (const kind of ['topic', 'broker', 'group', 'client-metrics'] as const) {
    for (const name of ['', 'a/b', '.']) {
      const resource = { kind, name }
      assert.deepEqual(keyName(configKey(resource)), { type: 'config', resource })
    }
  }
  assert.deepEqual(keyName('/brokersX'), { type: 'unknown' })
})

const anyCommit = fc.oneof(
  fc
    .record({ name: fc.constantFrom('a.b', 'a_b', 'c'), id: fc.constantFrom('1', '2', '3') })
    .map(({ name, id }): Commit => ({ puts: [topicPut(name, `${name}${id}`, [1], [2, 1])] })),
  fc.constantFrom('a.b', 'c').map((name): Commit => ({ deletes: [topicKey(name)] })),
  fc.record({ id: fc.constantFrom('a.b1', 'c1', 'c2'), index: fc.nat(2), epoch: fc.nat(9) }).map(
    ({ id, index, epoch }): Commit => ({
      puts: [{ key: partitionKey(id, index), value: state(1, epoch, [1]) }],
    }),
  ),
  fc.nat(3).map((id): Commit => ({ puts: [brokerPut(id)] })),
  fc.nat(3).map((id): Commit => ({ deletes: [brokerKey(id)] })),
  fc.string().map((text): Commit => {
    const key = configKey({ kind: 'topic', name: 'c' })
    return { puts: [{ key, value: JSON.stringify({ text }) }] }
  }),
)

test('images made change by change have the topics a full read has, apart from orphaned partitions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCommit, { maxLength: 30 }), async (commits) => {
      const { coordination } = memoryStore()
      for (const commit of commits) await coordination.commit(commit)
      const read = imageOf(await coordination.read(''))
      let image = EMPTY_IMAGE
      const stop = new AbortController()
      if (read.revision === 0) stop.abort()
      for await (const change of coordination.watch('', 0, stop.signal)) {
        image = applyChange(image, change).image
        if (change.revision === read.revision) break
      }
      assert.equal(image.revision, read.revision)
      assert.deepEqual([...image.topics.keys()].sort(), [...read.topics.keys()].sort())
      assert.deepEqual([...image.topicsById.keys()].sort(), [...read.topicsById.keys()].sort())
      assert.deepEqual(
        image.brokers,
        new Map([...image.brokers.keys()].map((id) => [id, read.brokers.get(id)])),
      )
      assert.equal(image.brokers.size, read.brokers.size)
      const counts = [...image.topics.values()].map(({ partitions }) => partitions.length)
      const total = counts.reduce((sum, count) => sum + count, 0)
      assert.deepEqual([image.partitionCount, read.partitionCount], [total, total])
      assert.deepEqual(new Map(image.topicConfigs), new Map(read.topicConfigs))
      assert.deepEqual(new Map(image.configRevisions), new Map(read.configRevisions))
    }),
    { numRuns: 100 },
  )
})
