/** A broker and producers of this project's client in one simulated world. */

import {
  recordsIn,
  TestBroker,
  type TestBrokerOptions,
} from '../../src/broker/broker-fixtures-for-test.ts'
import { Producer, type ProducerOptions } from '../../src/client/producer/producer.ts'

/** Where `TestBroker` listens. */
export const BOOTSTRAP = 'b:9092'

export async function startWorld(options: TestBrokerOptions = {}): Promise<TestBroker> {
  return TestBroker.start(options)
}

/** A producer on the machine `name` of the broker's world. */
export function producerIn(
  broker: TestBroker,
  options: ProducerOptions = {},
  name = 'p',
): Producer {
  const environment = broker.simulation.host(name).environment()
  return new Producer({ 'bootstrap.servers': BOOTSTRAP, environment, ...options })
}

/** The values of a partition, in the order of its log. */
export async function valuesOf(
  broker: TestBroker,
  topic: string,
  partition = 0,
): Promise<string[]> {
  const values: string[] = []
  for (let offset = 0; ; ) {
    const answer = await broker.fetch(topic, offset, { partition })
    const records = recordsIn(answer.records)
    if (records.length === 0) return values
    for (const record of records) {
      if (record.offset < offset) continue // the first batch may begin before what was asked for
      values.push(record.value)
    }
    offset = records.at(-1)!.offset + 1
  }
}
