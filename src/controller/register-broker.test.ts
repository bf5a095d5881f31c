import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UNTIL_CLOSE } from '../metadata/coordination.ts'
import { clusterOf } from './controller-fixtures-for-test.ts'
import { decideRegistration } from './register-broker.ts'

const endpoints = [{ name: 'PLAINTEXT', host: 'localhost', port: 9092 }]
const registration = { nodeId: 1, clusterId: 'C', rack: 'r', endpoints }

async function emptyCluster() {
  const { coordination, store } = await clusterOf()
  const join = async (over: { nodeId?: number; clusterId?: string } = {}) => {
    const leaseId = await coordination.grantLease(UNTIL_CLOSE)
    const request = { ...registration, leaseId, ...over }
    const problem = await store.commit((image) => decideRegistration(image, request))
    return { leaseId, problem }
  }
  return { coordination, store, join }
}

test('the first broker forms the cluster and is in it', async () => {
  const { join, store } = await emptyCluster()
  assert.equal((await join()).problem, undefined)
  assert.equal(store.image.clusterId, 'C')
  assert.deepEqual(store.image.brokers.get(1), { id: 1, epoch: 1, rack: 'r', endpoints })
  await store.close()
})

test('a broker that comes again after its lease ended has a higher epoch', async () => {
  const { coordination, join, store } = await emptyCluster()
  const { leaseId } = await join()
  const before = store.image.brokers.get(1)?.epoch ?? 0
  await coordination.revokeLease(leaseId)
  assert.equal((await join()).problem, undefined)
  assert.ok((store.image.brokers.get(1)?.epoch ?? 0) > before)
  await store.close()
})

test('an id that a living broker has is refused', async () => {
  const { join, store } = await emptyCluster()
  await join()
  assert.deepEqual((await join()).problem, { type: 'id-in-use' })
  assert.equal((await join({ nodeId: 2 })).problem, undefined)
  await store.close()
})

test('a broker whose directories are of another cluster is refused', async () => {
  const { join, store } = await emptyCluster()
  await join()
  const { problem } = await join({ nodeId: 2, clusterId: 'D' })
  assert.deepEqual(problem, { type: 'other-cluster', clusterId: 'C' })
  await store.close()
})
