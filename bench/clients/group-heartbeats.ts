/**
 * Many classic groups of one member each, whose members say at a fixed rate that they are alive:
 * `node bench/clients/group-heartbeats.ts --bootstrap H:P --pid N --groups N --per-second N --seconds N
 * --warm-up-seconds N`. Prints figures as JSON. Latency runs from the moment a heartbeat was to be sent
 * to its answer.
 */

import { parseArgs } from 'node:util'
import { heartbeat } from '../../src/protocol/api/12-heartbeat.ts'
import { decodeResponse } from '../../src/protocol/frame.ts'
import { cpuSeconds } from '../process-figures.ts'
import { percentile } from '../statistics.ts'
import { ClassicMember } from './classic-member.ts'
import { Connection, requestFrame } from './connection.ts'
import { awaitCoordinators } from './group-requests.ts'
import { everyTurn, Schedule } from './open-loop.ts'
import { createTopic } from './requests.ts'

const TOPIC = 'heartbeats'
const HEARTBEAT_VERSION = 4
/** Members that join at a time: each waits for the delay of its group's first rebalance. */
const AT_ONCE = 200

const { values } = parseArgs({
  options: {
    bootstrap: { type: 'string', default: '' },
    pid: { type: 'string', default: '' },
    groups: { type: 'string', default: '1000' },
    'per-second': { type: 'string', default: '1' },
    seconds: { type: 'string', default: '10' },
    'warm-up-seconds': { type: 'string', default: '5' },
  },
})
const { bootstrap } = values
const pid = Number(values.pid)
const groups = Number(values.groups)
const rate = groups * Number(values['per-second'])
const warmUpSeconds = Number(values['warm-up-seconds'])
const seconds = Number(values.seconds)

const control = await Connection.open(bootstrap)
await createTopic(control, TOPIC, 1)
await awaitCoordinators(control)
control.close()
const members: ClassicMember[] = []
while (members.length < groups) {
  const some = Math.min(AT_ONCE, groups - members.length)
  const joined = Array.from({ length: some }, (_, at) => join(members.length + at))
  members.push(...(await Promise.all(joined)))
}
const frames = members.map((member) =>
  requestFrame(heartbeat, HEARTBEAT_VERSION, member.heartbeat()),
)

const schedule = new Schedule(rate, warmUpSeconds + seconds)
const doneMs = new Float64Array(schedule.total)
const sending: Promise<void>[] = []
let errors = 0
let cpuAtStart = 0
await everyTurn(() => {
  for (const due = schedule.dueCount(); sending.length < due; ) {
    if (sending.length === Math.floor(rate * warmUpSeconds)) cpuAtStart = cpuSeconds(pid)
    sending.push(sendOne(sending.length))
  }
  return sending.length === schedule.total
})
const cpu = cpuSeconds(pid) - cpuAtStart
await Promise.all(sending)
for (const member of members) member.leave()

const latencies = doneMs
  .map((ms, index) => ms - schedule.dueMs(index))
  .subarray(Math.floor(rate * warmUpSeconds))
latencies.sort()
console.log(
  JSON.stringify({
    errors,
    heartbeatP50Ms: percentile(latencies, 0.5),
    heartbeatP99Ms: percentile(latencies, 0.99),
    brokerCpuPercent: (cpu / seconds) * 100,
  }),
)

async function join(number: number): Promise<ClassicMember> {
  const groupId = `group-${number}`
  const options = { bootstrap, groupId, topic: TOPIC, partitions: 1, heartbeatMs: 3_000 }
  const member = await ClassicMember.open(options)
  await member.join()
  return member
}

async function sendOne(index: number): Promise<void> {
  const at = index % members.length
  const answer = await members[at]!.connection.send(frames[at]!)
  doneMs[index] = performance.now()
  if (decodeResponse(heartbeat, HEARTBEAT_VERSION, answer).errorCode !== 0) errors += 1
}
