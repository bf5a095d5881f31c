/**
 * Offsets committed at a fixed rate by groups that all have the same coordinator partition:
 * `node bench/clients/group-commits.ts --bootstrap H:P --pid N --rate OFFSETS/S --per-request N
 * --connections N --seconds N --warm-up-seconds N`. Prints figures as JSON. Requests go out when they
 * are due, whether or not those before them are answered; latency runs from that moment to the answer.
 */

import { parseArgs } from 'node:util'
import { offsetCommit } from '../../src/protocol/api/08-offset-commit.ts'
import { decodeResponse } from '../../src/protocol/frame.ts'
import { cpuSeconds } from '../process-figures.ts'
import { percentile } from '../statistics.ts'
import { requestFrame } from './connection.ts'
import { awaitCoordinators, groupsOfOnePartition } from './group-requests.ts'
import { openMany } from './many.ts'
import { everyTurn, Schedule } from './open-loop.ts'
import { createTopic } from './requests.ts'

const TOPIC = 'commits'
/** The last version that names topics. */
const COMMIT_VERSION = 9

const { values } = parseArgs({
  options: {
    bootstrap: { type: 'string', default: '' },
    pid: { type: 'string', default: '' },
    rate: { type: 'string', default: '50000' },
    'per-request': { type: 'string', default: '10' },
    connections: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '10' },
    'warm-up-seconds': { type: 'string', default: '5' },
  },
})
const pid = Number(values.pid)
const perRequest = Number(values['per-request'])
const requestRate = Number(values.rate) / perRequest
const seconds = Number(values.seconds)
const warmUpSeconds = Number(values['warm-up-seconds'])

const groupIds = groupsOfOnePartition(Number(values.connections))
const connections = await openMany(values.bootstrap, groupIds.length)
await createTopic(connections[0]!, TOPIC, perRequest)
await awaitCoordinators(connections[0]!)
const frames = groupIds.map(commitFrame)

const schedule = new Schedule(requestRate, warmUpSeconds + seconds)
const doneMs = new Float64Array(schedule.total)
const sending: Promise<void>[] = []
let errors = 0
let cpuAtStart = 0
await everyTurn(() => {
  for (const due = schedule.dueCount(); sending.length < due; ) {
    if (sending.length === Math.floor(requestRate * warmUpSeconds)) cpuAtStart = cpuSeconds(pid)
    sending.push(sendOne(sending.length))
  }
  return sending.length === schedule.total
})
const cpu = cpuSeconds(pid) - cpuAtStart
await Promise.all(sending)
for (const connection of connections) connection.close()

const latencies = doneMs
  .map((ms, index) => ms - schedule.dueMs(index))
  .subarray(Math.floor(requestRate * warmUpSeconds))
latencies.sort()
console.log(
  JSON.stringify({
    errors,
    commitP50Ms: percentile(latencies, 0.5),
    commitP99Ms: percentile(latencies, 0.99),
    brokerCpuPercent: (cpu / seconds) * 100,
  }),
)

function commitFrame(groupId: string): Uint8Array {
  const partitions = Array.from({ length: perRequest }, (_, partitionIndex) => {
    return { partitionIndex, committedOffset: 1_000_000, committedMetadata: '' }
  })
  const topics = [{ name: TOPIC, partitions }]
  return requestFrame(offsetCommit, COMMIT_VERSION, { groupId, memberId: '', topics })
}

async function sendOne(index: number): Promise<void> {
  const at = index % connections.length
  const answer = await connections[at]!.send(frames[at]!)
  doneMs[index] = performance.now()
  const { topics } = decodeResponse(offsetCommit, COMMIT_VERSION, answer)
  if (topics[0]?.partitions.some(({ errorCode }) => errorCode !== 0) ?? true) errors += 1
}
