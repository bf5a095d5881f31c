import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Broker } from '../broker.ts'
import { clientContract } from '../contract.ts'
import { openKafkajs } from '../drivers/kafkajs.ts'
import { startBroker } from '../harness.ts'
import { uniqueTopic } from '../support.ts'
import { missing } from './install.ts'
import { kcat, kcatTraits, openKcat } from './kcat.ts'

const skip = await missing('kcat')
if (skip !== false) test('kcat', { skip }, () => {})
else {
  clientContract(kcatTraits, openKcat)
  describe('kcat by itself', () => {
    let broker: Broker
    const run = async (...args: string[]): Promise<string> =>
      `${await kcat(['-b', broker.bootstrap, ...args])}`
    const topicOf = async (partitions: number): Promise<string> => {
      const topic = uniqueTopic('kcat')
      const helper = await openKafkajs(broker.bootstrap)
      await helper.admin?.createTopic(topic, partitions, {})
      await helper.close()
      return topic
    }
    before(async () => {
      broker = await startBroker()
    })
    after(() => broker[Symbol.asyncDispose]())

    test('metadata names the broker, the topic and the leader of each partition', async () => {
      const topic = await topicOf(3)
      const metadata = JSON.parse(await run('-L', '-J', '-t', topic))
      const [{ id, name }] = metadata.brokers
      assert.equal(name, broker.bootstrap)
      assert.deepEqual(
        metadata.topics[0].partitions,
        [0, 1, 2].map((partition) => ({
          partition,
          leader: id,
          replicas: [{ id }],
          isrs: [{ id }],
        })),
      )
    })

    test('a topic that does not exist is created by a producer', async () => {
      const topic = uniqueTopic('auto')
      await kcat(['-b', broker.bootstrap, '-P', '-t', topic], Buffer.from('line\n'))
      assert.equal(await run('-C', '-q', '-e', '-t', topic, '-o', 'beginning'), 'line\n')
    })

    test('headers come back in order', async () => {
      const topic = await topicOf(1)
      const headers = ['-H', 'a=1', '-H', 'b=two', '-H', 'a=again']
      await kcat(['-b', broker.bootstrap, '-P', '-t', topic, ...headers], Buffer.from('x\n'))
      assert.equal(await run('-C', '-q', '-e', '-t', topic, '-f', '%h %s'), 'a=1,b=two,a=again x')
    })

    test('reading starts at the end, before the end, at a time', async () => {
      const topic = await topicOf(1)
      await kcat(['-b', broker.bootstrap, '-P', '-t', topic], Buffer.from('1\n2\n3\n4\n'))
      const from = (...o: string[]) => run('-C', '-q', '-e', '-t', topic, '-p', '0', ...o)
      assert.equal(await from('-o', '-2'), '3\n4\n')
      assert.equal(await from('-o', 'end'), '')
      assert.equal(await from('-o', 's@0'), '1\n2\n3\n4\n')
      const [, second] = (await from('-f', '%T\n')).split('\n')
      assert.match(await from('-o', `s@${second}`), /^(1\n)?2\n3\n4\n$/)
    })
  })
}
