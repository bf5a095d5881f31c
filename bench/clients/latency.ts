/**
 * End-to-end latency at a fixed rate, of one producer and one consumer of one partition:
 * `node bench/clients/latency.ts --bootstrap H:P --rate N --seconds N --warm-up-seconds N`.
 * Prints figures as JSON.
 *
 * A record's latency runs from the moment it was to be sent to the moment the consumer has it, so a
 * broker that stalls is charged for all that had to wait (no coordinated omission). Like a client
 * with linger 0, the producer sends what is due in one batch while fewer than five requests are
 * unanswered. The topic is new, so a record's offset is its number in the schedule.
 */

import { parseArgs } from 'node:util'
import { baseOffset, forEachBatch, lastOffset } from '../../src/records/batch.ts'
import { percentile } from '../statistics.ts'
import { Connection } from './connection.ts'
import { everyTurn, Schedule } from './open-loop.ts'
import { createTopic, fetchedRecords, fetchFrame, produceError, produceFrame } from './requests.ts'

const TOPIC = 'latency'
const RECORD_BYTES = 1024
/** As `max.in.flight.requests.per.connection` of Kafka's producer. */
const MAX_IN_FLIGHT = 5
/** Keeps the frames that are made in advance few and each request below a usual batch size. */
const MAX_BATCH_RECORDS = 200
/** Longest wait for the last record after it was sent. */
const DRAIN_LIMIT_MS = 30_000

const { values } = parseArgs({
  options: {
    bootstrap: { type: 'string', default: '' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '10' },
    'warm-up-seconds': { type: 'string', default: '5' },
  },
})
const rate = Number(values.rate)
const seconds = Number(values.seconds)
const warmUpSeconds = Number(values['warm-up-seconds'])

const producer = await Connection.open(values.bootstrap)
const consumer = await Connection.open(values.bootstrap)
await createTopic(producer, TOPIC, 1)

const frames = Array.from({ length: MAX_BATCH_RECORDS }, (_, index) =>
  produceFrame(TOPIC, 0, index + 1, RECORD_BYTES),
)
const schedule = new Schedule(rate, warmUpSeconds + seconds)
const arrivedMs = new Float64Array(schedule.total)
const acknowledgedMs = new Float64Array(schedule.total)

await Promise.all([produceAll(), consumeAll()])
producer.close()
consumer.close()
console.log(
  JSON.stringify({ ...figures('endToEnd', arrivedMs), ...figures('ack', acknowledgedMs) }),
)

async function produceAll(): Promise<void> {
  const acknowledgements: Promise<void>[] = []
  let sent = 0
  await everyTurn(() => {
    while (producer.inFlight < MAX_IN_FLIGHT && sent < schedule.dueCount()) {
      const behind = Math.min(schedule.dueCount(), sent + MAX_BATCH_RECORDS)
      acknowledgements.push(produceSome(sent, behind))
      sent = behind
    }
    return sent === schedule.total
  })
  await Promise.all(acknowledgements)
}

/** Sends the records from `first` up to, not including, `behind`. */
async function produceSome(first: number, behind: number): Promise<void> {
  const code = produceError(await producer.send(frames[behind - first - 1]!))
  if (code !== 0) throw new Error(`produce: error ${code}`)
  acknowledgedMs.fill(performance.now(), first, behind)
}

async function consumeAll(): Promise<void> {
  for (let next = 0; next < schedule.total; ) {
    const answer = await consumer.send(fetchFrame(TOPIC, 0, next))
    const nowMs = performance.now()
    const records = fetchedRecords(answer)
    forEachBatch(records, (at) => {
      const behind = lastOffset(records, at) + 1
      arrivedMs.fill(nowMs, Math.max(next, baseOffset(records, at)), behind)
      next = behind
    })
    const missing = schedule.total - next
    if (nowMs > schedule.dueMs(schedule.total) + DRAIN_LIMIT_MS)
      throw new Error(`${missing} records did not arrive in ${DRAIN_LIMIT_MS} ms after the last`)
  }
}

/** Percentiles in ms of what came after the warm-up. */
function figures(name: string, doneMs: Float64Array): Record<string, number> {
  const from = Math.floor(rate * warmUpSeconds)
  const latencies = doneMs.map((ms, index) => ms - schedule.dueMs(index)).subarray(from)
  latencies.sort()
  return {
    [`${name}P50Ms`]: percentile(latencies, 0.5),
    [`${name}P99Ms`]: percentile(latencies, 0.99),
    [`${name}P999Ms`]: percentile(latencies, 0.999),
    [`${name}MaxMs`]: percentile(latencies, 1),
  }
}
