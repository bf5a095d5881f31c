/**
 * How long a group takes until all its members have their share:
 * `node bench/clients/group-rebalance.ts --bootstrap H:P --protocol classic|consumer --members N
 * --joining N --partitions N --heartbeat-ms N`. Prints figures as JSON. So many members are in the group
 * and settled; then others join, all at once, and the time runs until every partition is with one
 * member, none has two more than another, and all are of one generation or epoch.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ClassicMember } from './classic-member.ts'
import { Connection } from './connection.ts'
import { ConsumerMember } from './consumer-member.ts'
import { awaitCoordinators } from './group-requests.ts'
import { createTopic } from './requests.ts'

const TOPIC = 'rebalance'
const GROUP = 'group'
/** Longer than the least time between two assignments of a group (1 s): the group is at rest. */
const REST_MS = 2000
/** Fewer than the queue of connections that a listener has not accepted yet can hold. */
const OPEN_AT_ONCE = 50

const { values } = parseArgs({
  options: {
    bootstrap: { type: 'string', default: '' },
    protocol: { type: 'string', default: 'consumer' },
    members: { type: 'string', default: '0' },
    joining: { type: 'string', default: '1' },
    partitions: { type: 'string', default: '10' },
    'heartbeat-ms': { type: 'string', default: '100' },
  },
})
const { bootstrap } = values
const partitions = Number(values.partitions)
const heartbeatMs = Number(values['heartbeat-ms'])
const isClassic = values.protocol === 'classic'

type Member = ClassicMember | ConsumerMember

/** Called after everything that happened to a member. */
let look = (): void => {}

const control = await Connection.open(bootstrap)
await createTopic(control, TOPIC, partitions)
await awaitCoordinators(control)
control.close()

const present = await openMembers(Number(values.members))
const joining = await openMembers(Number(values.joining))
if (present.length > 0) {
  await settled(present, present)
  await delay(REST_MS)
}
const startMs = performance.now()
await settled(joining, [...present, ...joining])
const stableMs = performance.now() - startMs
for (const member of [...present, ...joining]) member.leave()
console.log(JSON.stringify({ stableMs }))

async function openMembers(count: number): Promise<Member[]> {
  const members: Member[] = []
  while (members.length < count) {
    const some = Math.min(OPEN_AT_ONCE, count - members.length)
    members.push(...(await Promise.all(Array.from({ length: some }, openMember))))
  }
  return members
}

function openMember(): Promise<Member> {
  const options = { bootstrap, groupId: GROUP, topic: TOPIC }
  if (!isClassic) return ConsumerMember.open(options)
  return ClassicMember.open({ ...options, partitions, heartbeatMs })
}

/** Lets `starting` join, and resolves when all of `group` have their share. */
async function settled(starting: readonly Member[], group: readonly Member[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  look = () => {
    if (isSettled(group)) resolve()
  }
  for (const member of starting) member.run(() => look()).catch(reject)
  await promise
}

function isSettled(group: readonly Member[]): boolean {
  let all = 0
  let [least, most] = [Number.POSITIVE_INFINITY, 0]
  const version = versionOf(group[0]!)
  if (version <= 0) return false
  for (const member of group) {
    if (versionOf(member) !== version) return false
    all += member.held
    least = Math.min(least, member.held)
    most = Math.max(most, member.held)
  }
  return all === partitions && most - least <= 1
}

function versionOf(member: Member): number {
  return member instanceof ClassicMember ? member.generation : member.epoch
}
