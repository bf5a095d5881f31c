import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PartitionImage } from '../metadata/image.ts'
import { assigned, clusterOf, create, rulesOf, wanted } from './controller-fixtures-for-test.ts'
import { affectedBy, decideUncleanRestart, restartUncleanly } from './unclean-restart.ts'

const shown = ({ leader, leaderEpoch, isr }: PartitionImage) => ({ leader, leaderEpoch, isr })

test('a partition that has no other member in sync goes on under a new leader epoch', async () => {
  const { store } = await clusterOf(1)
  await create(store, rulesOf(), wanted('a', { numPartitions: 2 }))
  await restartUncleanly(store, 1)
  await restartUncleanly(store, 1)
  assert.deepEqual(store.image.topics.get('a')?.partitions.map(shown), [
    { leader: 1, leaderEpoch: 2, isr: [1] },
    { leader: 1, leaderEpoch: 2, isr: [1] },
  ])
  assert.equal(store.image.topics.get('a')?.partitions[0]?.partitionEpoch, 2)
  await store.close()
})

test('with others in sync the broker leaves the ISR, and the next replica in sync leads', async () => {
  const { store } = await clusterOf(1, 2, 3)
  await create(store, rulesOf(), wanted('a', assigned([0, 1, 2, 3], [1, 2, 1, 3], [2, 3, 2, 1])))
  await restartUncleanly(store, 1)
  assert.deepEqual(store.image.topics.get('a')?.partitions.map(shown), [
    { leader: 2, leaderEpoch: 1, isr: [2, 3] },
    { leader: 2, leaderEpoch: 0, isr: [2, 3] },
    { leader: 3, leaderEpoch: 0, isr: [3, 2] },
  ])
  await store.close()
})

test('partitions that the broker had no part in stay untouched', async () => {
  const { store } = await clusterOf(1, 2)
  await create(store, rulesOf(), wanted('a', assigned([0, 2])))
  const { revision } = store.image
  await restartUncleanly(store, 1)
  assert.equal(store.image.revision, revision)
  await store.close()
})

test('run twice for the same start it changes nothing the second time', async () => {
  const { store } = await clusterOf(1)
  await create(store, rulesOf(), wanted('a', { numPartitions: 3 }))
  const affected = affectedBy(store.image, 1)
  assert.equal(await store.commit((image) => decideUncleanRestart(image, 1, affected)), 3)
  assert.equal(await store.commit((image) => decideUncleanRestart(image, 1, affected)), 0)
  await store.close()
})

test('more partitions than one commit takes are changed in several', async () => {
  const { store } = await clusterOf(1)
  for (const name of ['a', 'b']) {
    await create(store, rulesOf(), wanted(name, { numPartitions: 9_000 }))
  }
  await restartUncleanly(store, 1)
  for (const topic of store.image.topics.values()) {
    assert.ok(topic.partitions.every(({ leaderEpoch }) => leaderEpoch === 1))
  }
  await store.close()
})
