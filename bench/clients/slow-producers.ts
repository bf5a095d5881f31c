/**
 * Many producers, each of which sends one record of 1 KB ten times per second, acks=1:
 * `node bench/clients/slow-producers.ts --bootstrap H:P --producers N --seconds N --warm-up-seconds N`.
 * Prints figures as JSON. Latency runs from the moment a record was to be sent to its acknowledgement.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { percentile } from '../statistics.ts'
import { openMany } from './many.ts'
import { everyTurn, Schedule } from './open-loop.ts'
import { createTopic, produceError, produceFrame } from './requests.ts'

const TOPIC = 'slow-producers'
const PARTITIONS = 10
const RECORD_BYTES = 1024
const RECORDS_PER_SECOND_EACH = 10
/** Longest wait for the last acknowledgements. */
const DRAIN_LIMIT_MS = 10_000

const { values } = parseArgs({
  options: {
    bootstrap: { type: 'string', default: '' },
    producers: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '10' },
    'warm-up-seconds': { type: 'string', default: '5' },
  },
})
const rate = Number(values.producers) * RECORDS_PER_SECOND_EACH
const warmUpSeconds = Number(values['warm-up-seconds'])

const producers = await openMany(values.bootstrap, Number(values.producers))
await createTopic(producers[0]!, TOPIC, PARTITIONS)
const frames = Array.from({ length: PARTITIONS }, (_, partition) =>
  produceFrame(TOPIC, partition, 1, RECORD_BYTES),
)
const schedule = new Schedule(rate, warmUpSeconds + Number(values.seconds))
const doneMs = new Float64Array(schedule.total)
/** Of each record whether it was acknowledged. */
const sending: Promise<boolean>[] = []

await everyTurn(() => {
  for (const due = schedule.dueCount(); sending.length < due; )
    sending.push(sendOne(sending.length))
  return sending.length === schedule.total
})
await Promise.race([Promise.all(sending), delay(DRAIN_LIMIT_MS, undefined, { ref: false })])
for (const producer of producers) producer.close()
const outcomes = await Promise.all(sending)

// A record without an answer has taken at least until now.
const endMs = performance.now()
const latencies = doneMs
  .map((ms, index) => (ms || endMs) - schedule.dueMs(index))
  .subarray(rate * warmUpSeconds)
latencies.sort()
console.log(
  JSON.stringify({
    errors: outcomes.filter((isAcknowledged) => !isAcknowledged).length,
    ackP50Ms: percentile(latencies, 0.5),
    ackP99Ms: percentile(latencies, 0.99),
  }),
)

async function sendOne(index: number): Promise<boolean> {
  const producer = producers[index % producers.length]!
  const answer = await producer.send(frames[index % PARTITIONS]!).catch(() => undefined)
  if (answer === undefined || produceError(answer) !== 0) return false
  doneMs[index] = performance.now()
  return true
}
