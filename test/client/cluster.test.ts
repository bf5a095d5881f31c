import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestBroker } from '../../src/broker/broker-fixtures-for-test.ts'
import { clientSettings } from '../../src/client/client-settings.ts'
import { Cluster } from '../../src/client/cluster.ts'
import { RetriableError } from '../../src/client/errors.ts'
import { adminConfig } from '../../src/config/admin.ts'
import { listGroups } from '../../src/protocol/api/16-list-groups.ts'
import { deleteTopics } from '../../src/protocol/api/20-delete-topics.ts'
import { ZERO_UUID } from '../../src/protocol/primitives.ts'
import { BOOTSTRAP, producerIn, startWorld, valuesOf } from './world.ts'

function clusterIn(broker: TestBroker, texts: Readonly<Record<string, string>> = {}): Cluster {
  const { values } = adminConfig.parse({ 'bootstrap.servers': BOOTSTRAP, ...texts })
  return new Cluster(clientSettings(values, broker.simulation.host('c2').environment()))
}

test('the coordinator of a group is found, once', async () => {
  const broker = await startWorld()
  const cluster = clusterIn(broker)
  const { simulation } = broker
  const find = () =>
    simulation.until(cluster.coordinators.find('group', 'g', cluster.deadline(30_000)))
  const found = await find()
  assert.equal(found.nodeId, 1)
  assert.equal(await find(), found)
  cluster.close()
})

test('the controller and a broker by its id are asked, after a restart over a new connection', async () => {
  const broker = await startWorld()
  const cluster = clusterIn(broker)
  const request = { statesFilter: [] }
  const ask = (target: 'controller' | number) =>
    broker.simulation.until(
      cluster.ask(target, listGroups, request, { deadlineMs: cluster.deadline(60_000) }),
    )
  assert.equal((await ask('controller')).errorCode, 0)
  await broker.kill()
  const asked = ask(1)
  await broker.start()
  assert.equal((await asked).errorCode, 0)
  cluster.close()
})

test('what is asked of nobody who answers fails at its deadline, retriably', async () => {
  const broker = await startWorld()
  const cluster = clusterIn(broker, { 'bootstrap.servers': 'nowhere:1' })
  const deadlineMs = cluster.deadline(3_000)
  const asked = cluster.ask('any', listGroups, { statesFilter: [] }, { deadlineMs })
  await assert.rejects(broker.simulation.until(asked), RetriableError)
  assert.ok(cluster.deadline(0) <= deadlineMs)
  cluster.close()
})

test('a signal ends a question with its reason', async () => {
  const broker = await startWorld()
  const cluster = clusterIn(broker, { 'bootstrap.servers': 'nowhere:1' })
  const abort = new AbortController()
  const asked = cluster.metadata.topic('t', cluster.deadline(60_000), abort.signal)
  abort.abort(new Error('enough'))
  await assert.rejects(broker.simulation.until(asked), /enough/)
  cluster.close()
})

test('a producer goes on with a topic that was deleted and made anew', async () => {
  const broker = await startWorld()
  await broker.createTopic('t')
  const producer = producerIn(broker)
  const send = (value: string) => broker.simulation.until(producer.send({ topic: 't', value }))
  await send('first')
  await broker.ask(deleteTopics, { topics: [{ name: 't', topicId: ZERO_UUID }], timeoutMs: 1_000 })
  await broker.createTopic('t')
  assert.equal((await send('second')).offset, 0)
  assert.deepEqual(await valuesOf(broker, 't'), ['second'])
  await broker.simulation.until(producer.close())
})
