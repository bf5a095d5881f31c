import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { Administrator } from './administrator.ts'
import { Auditor } from './auditor.ts'
import { ClassicMember } from './classic-member.ts'
import { Committer } from './committer.ts'
import { Consumer } from './consumer.ts'
import { ConsumerMember } from './consumer-member.ts'
import { GroupLedger } from './group-ledger.ts'
import type { GroupMember } from './group-member.ts'
import type { TopicPlan } from './ledger.ts'
import { LOG_DIRS, type Plants } from './machine.ts'
import { Nemesis } from './nemesis.ts'
import { Producer } from './producer.ts'
import { Violation } from './violation.ts'
import { World } from './world.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly steps: number
  readonly plants?: Plants
  readonly print?: (line: string) => void
}

/** What one run did. */
export interface Outcome {
  readonly seed: number
  /** The same for two runs that went the same way. */
  readonly fingerprint: string
  readonly lives: number
  readonly powerCuts: number
  readonly records: number
  readonly simulatedMs: number
}

/** A run that found something. */
export class Failure extends Error {
  override readonly name = 'Failure'
}

const TRACE_LINES = 80
const LONGEST_SETUP_MS = 20_000
const LONGEST_ENDING_MS = 120_000

/** Everything that takes long by default happens within a run. */
function settings(seed: number): Readonly<Record<string, string>> {
  const random = seededRandom(seed)
  const within = (from: number, to: number) => `${from + random.below(to - from)}`
  return {
    'auto.create.topics.enable': 'false',
    'log.segment.delete.delay.ms': within(0, 1_500),
    'log.initial.task.delay.ms': within(100, 1_000),
    'log.retention.check.interval.ms': within(300, 3_000),
    'log.flush.offset.checkpoint.interval.ms': within(10, 1_500),
    'log.flush.start.offset.checkpoint.interval.ms': within(10, 1_500),
    'replica.high.watermark.checkpoint.interval.ms': within(10, 1_500),
    'num.recovery.threads.per.data.dir': within(1, 4),
    'moldau.tail.cache.bytes': within(0, 50_000),
    'offsets.topic.num.partitions': '3',
    'group.min.session.timeout.ms': '1',
    'group.initial.rebalance.delay.ms': within(0, 300),
    'group.consumer.min.session.timeout.ms': '1',
    'group.consumer.session.timeout.ms': `${sessionMs(seed)}`,
    'group.consumer.min.heartbeat.interval.ms': '1',
    'group.consumer.heartbeat.interval.ms': '50',
    'group.consumer.min.assignment.interval.ms': '0',
    'group.consumer.assignment.interval.ms': within(0, 300),
  }
}

const small = { 'internal.segment.bytes': '30000', 'index.interval.bytes': '500' }

/** Topics that are never deleted: one for each promise. */
const LASTING: readonly TopicPlan[] = [
  { name: 'lasting-default', partitions: 3, configs: small },
  { name: 'lasting-flush-1', partitions: 3, configs: { ...small, 'flush.messages': '1' } },
  { name: 'lasting-flush-20', partitions: 2, configs: { ...small, 'flush.messages': '20' } },
  { name: 'lasting-flush-ms', partitions: 2, configs: { ...small, 'flush.ms': '400' } },
  {
    name: 'lasting-retention',
    partitions: 2,
    configs: { ...small, 'retention.bytes': '60000', 'flush.messages': '1' },
  },
]

/** A broker is up for some hundred ms at a time: within them members must be missed, and must not be
 *  when only the network is slow. */
const sessionMs = (seed: number) => [150, 250, 800][seed % 3]!

/** What all groups read. */
const GROUP_TOPICS = ['lasting-default', 'lasting-flush-20']
const GROUP_PARTITIONS = 5

/**
 * One run: a broker, its clients, and `steps` steps of faults; then all is healed, what is owed is
 * counted, and the broker stopped, started, and cut from its power once more.
 * @throws Failure with the seed, the end of the trace, and how to see it again.
 */
export async function simulate(options: SimulationOptions): Promise<Outcome> {
  const { seed, steps, plants, print } = options
  const world = new World({
    seed,
    settings: settings(seed),
    ...(plants && { plants }),
    ...(print && { print }),
  })
  const uncaught = (error: unknown): void => world.machine.uncaught(error)
  process.on('unhandledRejection', uncaught)
  let step = 0
  try {
    const cast = await setUp(world, seed)
    const nemesis = new Nemesis(world, cast.all)
    for (; step < steps; step++) await nemesis.step()
    await finish(world, nemesis, cast)
  } catch (cause) {
    throw new Failure(report(world, options, step, cause), { cause })
  } finally {
    world.isOver = true
    process.off('unhandledRejection', uncaught)
  }
  const { machine, trace, ledger } = world
  const partitions = [...ledger.topics.values()].flatMap((topic) => topic.partitions)
  return {
    seed,
    fingerprint: trace.fingerprint,
    lives: machine.life,
    powerCuts: machine.powerCuts,
    records: partitions.reduce((sum, { knownCount }) => sum + knownCount, 0),
    simulatedMs: Math.round(world.nowMs),
  }
}

type Cast = Awaited<ReturnType<typeof setUp>>

/** A group of each protocol, and one whose members do not agree about it. */
function groupsOf(world: World, seed: number) {
  const groupOf = (
    name: string,
    ...kinds: readonly (new (
      ...own: ConstructorParameters<typeof GroupMember>
    ) => GroupMember)[]
  ) => {
    const isMixed = new Set(kinds).size > 1
    const now = () => world.nowMs
    const ledger = new GroupLedger({
      groupId: name,
      topics: GROUP_TOPICS,
      sessionTimeoutMs: sessionMs(seed),
      isMixed,
      now,
    })
    return { ledger, members: kinds.map((Kind, i) => new Kind(world, `${name}-${i}`, ledger)) }
  }
  return [
    groupOf('classic', ClassicMember, ClassicMember, ClassicMember),
    groupOf('modern', ConsumerMember, ConsumerMember, ConsumerMember),
    groupOf('mixed', ClassicMember, ConsumerMember, ConsumerMember),
  ]
}

/** Starts the broker and its clients. */
async function setUp(world: World, seed: number) {
  const administrator = new Administrator(world, 'admin', LASTING)
  const producers = [
    new Producer(world, 'idempotent-a', { acks: -1, isIdempotent: true }),
    new Producer(world, 'idempotent-b', { acks: -1, isIdempotent: true }),
    new Producer(world, 'idempotent-c', { acks: 1, isIdempotent: true }),
    new Producer(world, 'plain-all', { acks: -1, isIdempotent: false }),
    new Producer(world, 'plain-one', { acks: 1, isIdempotent: false }),
    new Producer(world, 'plain-none', { acks: 0, isIdempotent: false }),
  ]
  const consumers = [new Consumer(world, 'consumer-a'), new Consumer(world, 'consumer-b')]
  const auditor = new Auditor(world, 'auditor')
  const committers = [new Committer(world, 'committer-a'), new Committer(world, 'committer-b')]
  const groups = groupsOf(world, seed)
  const members = groups.flatMap((group) => group.members)
  const all = [administrator, ...producers, ...consumers, auditor, ...committers, ...members]
  world.machine.host.disk.makeDirectory('/data')
  for (const path of LOG_DIRS) world.machine.host.disk.makeDirectory(path)
  for (const path of ['/', '/data']) world.machine.host.disk.syncDirectory(path)
  world.machine.start()
  for (const actor of all) void actor.run()
  await expect(world, LONGEST_SETUP_MS, 'the topics are not made', () => administrator.isDone)
  return { administrator, producers, consumers, auditor, committers, groups, all }
}

async function finish(world: World, nemesis: Nemesis, cast: Cast): Promise<void> {
  const { machine, trace } = world
  nemesis.heal()
  trace.note('nemesis', 'heals everything')
  world.isEnding = true
  if (machine.state === 'stopping' || machine.state === 'starting') {
    await expect(world, LONGEST_ENDING_MS, 'the broker neither starts nor stops', () => {
      return machine.state === 'up' || machine.state === 'down'
    })
  }
  machine.die('kill')
  await restart(world)
  await expect(
    world,
    LONGEST_ENDING_MS,
    'somebody has no answer',
    () => {
      return [cast.administrator, ...cast.producers].every(({ isDone }) => isDone)
    },
    () =>
      cast.producers
        .filter(({ isDone }) => !isDone)
        .map(({ state }) => state)
        .join('; '),
  )
  await expect(
    world,
    LONGEST_ENDING_MS,
    'a consumer does not reach the end',
    () => {
      return cast.consumers.every(({ isDone }) => isDone)
    },
    () => cast.consumers.map(({ state }) => state).join('; '),
  )
  await expect(
    world,
    LONGEST_ENDING_MS,
    'a group does not come to rest',
    () => cast.groups.every(isShared),
    () =>
      cast.groups
        .filter((group) => !isShared(group))
        .map(stateOf)
        .join('; '),
  )
  await audit(world, cast)
  machine.stop()
  await expect(world, LONGEST_ENDING_MS, 'the broker does not stop', () => machine.state === 'down')
  await restart(world)
  await audit(world, cast)
  machine.die('power cut')
  await restart(world)
  await audit(world, cast)
}

/** Everybody is in, and all partitions have somebody. */
function isShared({ ledger, members }: ReturnType<typeof groupsOf>[number]): boolean {
  return ledger.held.length === GROUP_PARTITIONS && members.every(({ isSettled }) => isSettled)
}

function stateOf({ ledger, members }: ReturnType<typeof groupsOf>[number]): string {
  const held = ledger.held.map(({ place, holder, epoch }) => `${place} ${holder}@${epoch}`)
  const waiting = members.filter(({ isSettled }) => !isSettled).map(({ name }) => name)
  return `${ledger.groupId}: ${held.join(', ')}; not in: ${waiting.join(', ')}`
}

async function restart(world: World): Promise<void> {
  world.machine.start()
  await expect(world, LONGEST_ENDING_MS, 'the broker is not up', () => world.machine.state === 'up')
}

/** Everything owed is there, and consumers were told the truth. */
async function audit(world: World, { auditor, committers, consumers }: Cast): Promise<void> {
  for (const one of [auditor, ...committers]) {
    const wanted = one.completed + 2
    await expect(world, LONGEST_ENDING_MS, `${one.name} does not come to an end`, () => {
      return one.completed >= wanted
    })
  }
  for (const { name, seen } of consumers) {
    for (const { partition, seen: given } of seen) {
      if (!world.ledger.isAlive(partition)) continue
      const { startOffset } = partition.floor()
      const owed = partition.owed(startOffset)
      for (const [offset, value] of given) {
        if (offset < startOffset || owed.get(offset) === value) continue
        throw new Violation(
          `${name} was given another record at ${offset} of ${partition.name} than lies there`,
        )
      }
    }
  }
}

async function expect(
  world: World,
  limitMs: number,
  otherwise: string,
  holds: () => boolean,
  detail = () => '',
): Promise<void> {
  if (await world.advanceUntil(holds, limitMs)) return
  throw new Violation(`${otherwise} after ${limitMs} ms. ${detail()}`)
}

function report(
  world: World,
  { seed, steps }: SimulationOptions,
  step: number,
  cause: unknown,
): string {
  const what = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return [
    `seed ${seed}, step ${step} of ${steps}: ${what}`,
    `The last ${TRACE_LINES} lines of the trace:`,
    world.trace.tail(TRACE_LINES),
    `See it again: npm run sim -- ${seed} --steps ${steps}`,
  ].join('\n')
}
