import { after, before, describe, test } from 'node:test'
import type { Broker } from '../broker.ts'
import { startBroker } from '../harness.ts'
import { noOracle, startOracle } from '../oracle.ts'
import { RawConnection } from '../raw/connection.ts'
import { createTopic, findGroup } from '../raw/requests.ts'
import { ClassicWalk } from './classic-walk.ts'
import { Twins } from './twins.ts'

const skip = await noOracle()
const seeds = Array.from({ length: 30 }, (_, index) => index + 1)
const steps = 40

describe('a classic group answers whatever comes as Kafka does', { skip }, () => {
  let brokers: readonly [Broker, Broker] | undefined
  before(async () => {
    const config = {
      'group.initial.rebalance.delay.ms': '0',
      'offsets.topic.num.partitions': '3',
      'offsets.topic.replication.factor': '1',
    }
    brokers = await Promise.all([startOracle({ config }), startBroker({ config })])
    for (const { bootstrap } of brokers) {
      const connection = await RawConnection.open(bootstrap)
      await createTopic(connection, 'read', 1)
      await findGroup(connection, 'nobody')
      connection.close()
    }
  })
  after(() => Promise.all(brokers?.map((broker) => broker[Symbol.asyncDispose]()) ?? []))

  for (const seed of seeds) {
    test(`to up to ${steps} random requests of seed ${seed}`, async (context) => {
      const [kafka, tested] = brokers!
      const twins = new Twins(kafka.bootstrap, tested.bootstrap)
      try {
        const alike = await new ClassicWalk(twins, seed).run(steps)
        if (alike < steps) context.diagnostic(`another leader after ${alike} requests`)
      } finally {
        twins.close()
      }
    })
  }
})
