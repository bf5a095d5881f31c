import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectingLogger } from '../kernel/logger.ts'
import { type SimulatedHost, Simulation } from '../kernel/simulated-environment.ts'
import { KafkaError } from '../protocol/errors.ts'
import { BatchBuilder } from '../records/builder.ts'
import type { HostedLog } from './hosted-log.ts'
import { LogDirectoryError } from './log-directory-error.ts'
import {
  LogManager,
  type LogManagerConfig,
  type LogManagerOptions,
  type OfflineDirectory,
} from './log-manager.ts'
import type { LogConfig } from './log-types.ts'

const ID = 'RmwtJ6-YSZG4jOC8rJxB7w'
const OTHER_ID = 'uZ7gqRZ9SUSB-n9zY22sdQ'
const DELETE_DELAY_MS = 60_000

const config: LogManagerConfig = {
  'log.cleaner.backoff.ms': 15_000,
  'log.cleaner.dedupe.buffer.size': 1_048_576,
  'log.cleaner.enable': true,
  'log.cleaner.io.buffer.load.factor': 0.9,
  'log.cleaner.io.buffer.size': 524_288,
  'log.cleaner.io.max.bytes.per.second': Number.MAX_VALUE,
  'log.cleaner.threads': 1,
  'log.flush.offset.checkpoint.interval.ms': 60_000,
  'log.flush.start.offset.checkpoint.interval.ms': 60_000,
  'log.initial.task.delay.ms': 30_000,
  'log.retention.check.interval.ms': 300_000,
  'log.segment.delete.delay.ms': DELETE_DELAY_MS,
  'num.recovery.threads.per.data.dir': 2,
  'producer.id.expiration.check.interval.ms': 600_000,
  'producer.id.expiration.ms': 86_400_000,
  'replica.high.watermark.checkpoint.interval.ms': 5_000,
}

const topicConfig: LogConfig = {
  'cleanup.policy': ['delete'],
  'delete.retention.ms': 86_400_000,
  'file.delete.delay.ms': 60_000,
  'flush.messages': Number.MAX_SAFE_INTEGER,
  'flush.ms': Number.MAX_SAFE_INTEGER,
  'index.interval.bytes': 4096,
  'max.compaction.lag.ms': Number.MAX_SAFE_INTEGER,
  'min.cleanable.dirty.ratio': 0.5,
  'min.compaction.lag.ms': 0,
  preallocate: false,
  'retention.bytes': -1,
  'retention.ms': 3_600_000,
  'segment.bytes': 1_000,
  'segment.index.bytes': 10_485_760,
  'segment.jitter.ms': 0,
  'segment.ms': 604_800_000,
}

/** One broker's machine. `open` starts a broker on it, as often as wanted. */
function setUp(wanted: Partial<LogManagerOptions> = {}) {
  const simulation = new Simulation(1)
  const host = simulation.host('a')
  const logger = collectingLogger()
  const offline: OfflineDirectory[] = []
  const open = (more: Partial<LogManagerOptions> = {}): Promise<LogManager> =>
    simulation.until(
      LogManager.open({
        logDirs: ['/data'],
        nodeId: 1,
        config: () => config,
        topicConfig: () => topicConfig,
        environment: host.environment(),
        logger,
        onOffline: (failed) => offline.push(failed),
        ...wanted,
        ...more,
      }),
    )
  return { simulation, host, logger, offline, open }
}

/** Appends batches of one record of 100 bytes and waits until they are written. */
async function fill(simulation: Simulation, { log }: HostedLog, count: number): Promise<void> {
  const timestamp = 1_767_225_600_000 + simulation.elapsedMs
  for (let left = count; left > 0; left--) {
    const builder = new BatchBuilder({ baseOffset: log.logEndOffset, leaderEpoch: 0 })
    builder.append({ value: 'x'.repeat(100), timestamp })
    log.appendReplica(builder.build(), timestamp)
    log.highWatermarkMoved(log.logEndOffset)
  }
  await simulation.advance(1)
}

function namesIn(host: SimulatedHost, path = '/data'): readonly string[] {
  return [...host.disk.list(path)].sort()
}

function textOf(host: SimulatedHost, name: string): string | undefined {
  const path = `/data/${name}`
  return host.disk.stat(path) ? Buffer.from(host.disk.readFile(path)).toString() : undefined
}

test('a log is made, filled, closed and found again as it was', async () => {
  const { simulation, host, open } = setUp()
  const first = await open()
  const made = await first.getOrCreate('a.b-c', 3, ID, true)
  assert.equal(made.path, '/data/a.b-c-3')
  await fill(simulation, made, 20)
  await simulation.until(first.close(42))
  assert.equal(textOf(host, '.kafka_cleanshutdown'), '{"version":0,"brokerEpoch":42}')
  assert.equal(textOf(host, 'recovery-point-offset-checkpoint'), '0\n1\na.b-c 3 20\n')

  const second = await open()
  assert.equal(second.clusterId, first.clusterId)
  const found = second.get('a.b-c', 3)
  assert.equal(found?.topicId, ID)
  assert.equal(found.log.logEndOffset, 20)
  assert.equal(found.log.recoveryPoint, 20)
  assert.equal(textOf(host, '.kafka_cleanshutdown'), undefined, 'good for one start only')
  assert.equal(await second.getOrCreate('a.b-c', 3, ID, false), found)
})

test('after a crash what was flushed is there, and the log goes on', async () => {
  const { simulation, host, open } = setUp()
  const first = await open()
  const made = await first.getOrCreate('t', 0, ID, true)
  await fill(simulation, made, 30)
  await simulation.until(made.log.flush())
  first.checkpoint(made)
  await fill(simulation, made, 5)
  host.crash()
  const second = await open()
  const found = second.get('t', 0)!
  assert(found.log.logEndOffset >= 30 && found.log.logEndOffset <= 35)
  await fill(simulation, found, 1)
  await simulation.until(second.close())
})

test('a second broker does not get in', async () => {
  const { open } = setUp()
  await open()
  await assert.rejects(
    open(),
    (error) => error instanceof LogDirectoryError && error.fault === 'locked',
  )
})

test('after close everything may be taken again', async () => {
  const { simulation, open } = setUp()
  const manager = await open()
  await simulation.until(manager.close())
  await simulation.until(manager.close())
  await assert.doesNotReject(open())
})

test('a partition belongs to one topic id', async () => {
  const { open } = setUp()
  const manager = await open()
  await manager.getOrCreate('t', 0, ID, true)
  await assert.rejects(
    manager.getOrCreate('t', 0, OTHER_ID, true),
    (error) => error instanceof KafkaError && error.error === 'INCONSISTENT_TOPIC_ID',
  )
})

test('a partition that has lost its topic id is given it again', async () => {
  const { simulation, host, open } = setUp()
  const first = await open()
  await first.getOrCreate('t', 0, ID, true)
  await simulation.until(first.close())
  host.disk.remove('/data/t-0/partition.metadata')
  const second = await open()
  assert.equal(second.get('t', 0)?.topicId, undefined)
  await second.getOrCreate('t', 0, OTHER_ID, false)
  assert.equal(second.get('t', 0)?.topicId, OTHER_ID)
  const text = Buffer.from(host.disk.readFile('/data/t-0/partition.metadata')).toString()
  assert.equal(text, `version: 0\ntopic_id: ${OTHER_ID}`)
})

test('two calls at once make one log', async () => {
  const { open } = setUp()
  const manager = await open()
  const [one, other] = await Promise.all([
    manager.getOrCreate('t', 0, ID, true),
    manager.getOrCreate('t', 0, ID, true),
  ])
  assert.equal(one, other)
})

test('new logs go where the fewest are', async () => {
  const { open } = setUp({ logDirs: ['/a', '/b', '/c'] })
  const manager = await open()
  for (let partition = 0; partition < 6; partition++) {
    await manager.getOrCreate('t', partition, ID, true)
  }
  const counts = manager.describe().map(({ logs }) => logs.length)
  assert.deepEqual(counts, [2, 2, 2])
})

test('a deleted partition frees its name at once and its files after a while', async () => {
  const { simulation, host, open } = setUp()
  const manager = await open()
  await fill(simulation, await manager.getOrCreate('t', 0, ID, true), 20)
  await simulation.until(manager.asyncDelete('t', 0))
  assert.equal(manager.get('t', 0), undefined)
  assert.equal(textOf(host, 'recovery-point-offset-checkpoint'), '0\n0\n')
  const again = await manager.getOrCreate('t', 0, OTHER_ID, true)
  assert.equal(again.log.logEndOffset, 0)
  const deleted = () => namesIn(host).filter((name) => /^t-0\.[0-9a-f]{32}-delete$/.test(name))
  assert.equal(deleted().length, 1)
  await simulation.advance(DELETE_DELAY_MS - 10)
  assert.equal(deleted().length, 1)
  await simulation.advance(20)
  assert.deepEqual(deleted(), [])
  await manager.asyncDelete('t', 7)
})

test('a new log never takes the recovery point of a deleted one of its name for its own', async () => {
  const { simulation, host, open } = setUp()
  const manager = await open()
  const made = await manager.getOrCreate('t', 0, ID, true)
  await fill(simulation, made, 20)
  await simulation.until(made.log.flush())
  manager.checkpoint(made)
  const deleting = manager.asyncDelete('t', 0)
  await manager.getOrCreate('t', 0, OTHER_ID, true)
  await deleting
  host.crash()
  assert.notEqual(textOf(host, 'recovery-point-offset-checkpoint'), '0\n1\nt 0 20\n')
  assert.equal((await open()).get('t', 0)?.topicId, OTHER_ID)
})

test('a recovery point that a crash has left without a log is gone after the start', async () => {
  const { host, open } = setUp()
  host.disk.makeDirectory('/data')
  host.disk.replaceFile('/data/recovery-point-offset-checkpoint', Buffer.from('0\n1\nt 0 20\n'))
  await open()
  assert.equal(textOf(host, 'recovery-point-offset-checkpoint'), '0\n0\n')
})

test('what was being deleted at a stop is deleted after the next start', async () => {
  const { simulation, host, open } = setUp()
  const first = await open()
  await first.getOrCreate('t', 0, ID, true)
  await first.asyncDelete('t', 0)
  await simulation.until(first.close())
  const second = await open()
  assert.equal(second.get('t', 0), undefined)
  await simulation.advance(DELETE_DELAY_MS + 10)
  assert(!namesIn(host).some((name) => name.endsWith('-delete')))
})

test("strays, copies and KRaft's own log are left alone", async () => {
  const { host, open } = setUp()
  const names = ['__cluster_metadata-0', 't-0.0f-stray', 't-1.0f-future', 'lost+found']
  for (const name of names) host.disk.makeDirectory(`/data/${name}`)
  host.disk.replaceFile('/data/t-1.0f-future/00000000000000000000.log', new Uint8Array(17))
  const manager = await open()
  assert.deepEqual([...manager.logs], [])
  assert.deepEqual(
    manager.describe().map(({ logs }) => logs),
    [[{ topic: 't', partition: 1, sizeBytes: 17, logEndOffset: 0, isFuture: true }]],
  )
  for (const name of names) assert(host.disk.stat(`/data/${name}`))
})

/** A machine with partition 0 of topic t in two log directories, with so many records in each. */
async function partitionTwice(inA: number, inB: number) {
  const machine = setUp({ logDirs: ['/a', '/b'] })
  const { simulation, host, open } = machine
  const manager = await open()
  for (const [topic, count] of [
    ['t', inA],
    ['u', inB],
  ] as const) {
    await fill(simulation, await manager.getOrCreate(topic, 0, ID, true), count)
  }
  await simulation.until(manager.close())
  host.disk.rename('/b/u-0', '/b/t-0')
  return machine
}

test('a partition with records in two directories ends the start with both named', async () => {
  const { host, open } = await partitionTwice(1, 1)
  await assert.rejects(open(), (error) => {
    assert(error instanceof LogDirectoryError)
    return error.fault === 'twice' && /t-0 is both in \/a\/t-0 and in \/b\/t-0/.test(error.message)
  })
  host.disk.rename('/b/t-0', '/b/u-0')
  await assert.doesNotReject(open(), 'the locks were given back')
})

for (const [inA, inB, kept] of [
  [3, 0, '/a/t-0'],
  [0, 3, '/b/t-0'],
  [0, 0, '/a/t-0'],
] as const) {
  test(`of ${inA} and ${inB} records in two directories of a partition ${kept} is kept`, async () => {
    const { simulation, host, open } = await partitionTwice(inA, inB)
    const manager = await open()
    const hosted = manager.get('t', 0)
    assert.deepEqual([hosted?.path, hosted?.log.logEndOffset], [kept, Math.max(inA, inB)])
    await simulation.advance(60_000)
    const names = ['/a', '/b'].flatMap((path) => host.disk.list(path))
    assert.deepEqual(
      names.filter((name) => name.startsWith('t-')),
      ['t-0'],
      'the other was removed',
    )
  })
}

test('what a partition directory becomes is decided before it is opened', async () => {
  const { simulation, host, open } = setUp()
  const first = await open()
  for (const topic of ['kept', 'deleted', 'foreign']) {
    await fill(simulation, await first.getOrCreate(topic, 0, ID, true), 1)
  }
  await simulation.until(first.close())
  const manager = LogManager.take({
    logDirs: ['/data'],
    nodeId: 1,
    config: () => config,
    topicConfig: () => topicConfig,
    environment: host.environment(),
    logger: collectingLogger(),
  })
  const fates = { kept: 'open', deleted: 'delete', foreign: 'stray' } as const
  await simulation.until(
    manager.load(({ topic, topicId }) => {
      assert.equal(topicId, ID)
      return fates[topic as keyof typeof fates] // those made above
    }),
  )
  assert.deepEqual(
    Array.from(manager.logs, ({ topic }) => topic),
    ['kept'],
  )
  await simulation.advance(60_000)
  const names = namesIn(host).filter((name) => /-0/.test(name))
  assert.deepEqual(
    names.map((name) => name.replace(/\.[0-9a-f]+/, '')),
    ['foreign-0-stray', 'kept-0'],
  )
  assert.doesNotMatch(textOf(host, 'recovery-point-offset-checkpoint')!, /deleted|foreign/)
})

test('recovery points are written within their interval, and not while nothing happens', async () => {
  const { simulation, host, open } = setUp()
  const manager = await open()
  const made = await manager.getOrCreate('t', 0, ID, true)
  await fill(simulation, made, 20)
  await simulation.until(made.log.flush())
  await simulation.advance(60_000)
  assert.equal(textOf(host, 'recovery-point-offset-checkpoint'), '0\n1\nt 0 20\n')
  host.disk.remove('/data/recovery-point-offset-checkpoint')
  await simulation.advance(600_000)
  assert.equal(textOf(host, 'recovery-point-offset-checkpoint'), undefined)
})

test('a moved log start survives a crash', async () => {
  const { simulation, host, open } = setUp()
  const first = await open()
  const made = await first.getOrCreate('t', 0, ID, true)
  await fill(simulation, made, 4)
  await simulation.until(made.log.flush())
  made.log.deleteRecordsBefore(3)
  first.logStartMoved()
  await simulation.advance(60_000)
  assert.equal(textOf(host, 'log-start-offset-checkpoint'), '0\n1\nt 0 3\n')
  host.crash()
  assert.equal((await open()).get('t', 0)?.log.logStartOffset, 3)
})

test('high watermarks are checkpointed and given to the next start', async () => {
  let highWatermark: number | undefined = 7
  const { simulation, host, open } = setUp({ highWatermark: () => highWatermark })
  const first = await open()
  await fill(simulation, await first.getOrCreate('t', 0, ID, true), 10)
  first.highWatermarkMoved()
  await simulation.advance(5_000)
  assert.equal(textOf(host, 'replication-offset-checkpoint'), '0\n1\nt 0 7\n')
  await simulation.until(first.close())
  highWatermark = undefined
  const second = await open()
  assert.equal(second.checkpointedHighWatermark('t', 0), 7)
  assert.equal(second.checkpointedHighWatermark('t', 1), 0)
  await simulation.until(second.close())
  assert.equal(
    textOf(host, 'replication-offset-checkpoint'),
    '0\n1\nt 0 7\n',
    'kept while nobody says',
  )
})

test('retention removes old segments and the log start follows', async () => {
  const { simulation, open } = setUp()
  const manager = await open()
  const made = await manager.getOrCreate('t', 0, ID, true)
  await fill(simulation, made, 30)
  assert(made.log.segments.length > 2)
  await simulation.advance(2 * 3_600_000)
  assert.equal(made.log.segments.length, 1)
  assert.equal(made.log.logStartOffset, 30)
})

test('a directory whose disk fails goes offline, its logs with it, and the others live on', async () => {
  const { simulation, host, offline, open } = setUp({ logDirs: ['/a', '/b'] })
  const manager = await open()
  const logs = await Promise.all([0, 1, 2, 3].map((p) => manager.getOrCreate('t', p, ID, true)))
  const told: string[] = []
  for (const hosted of logs) {
    hosted.listen({
      written: () => {},
      failed: (error) => told.push(`${hosted.path} ${error.message.slice(0, 6)}`),
    })
  }
  host.disk.faults.add({ operation: 'write', path: /^\/a/, code: 'ENOSPC' })
  for (const hosted of logs) await fill(simulation, hosted, 1).catch(() => {})
  const lost = logs.filter(({ path }) => path.startsWith('/a'))
  assert.deepEqual(told.sort(), lost.map(({ path }) => `${path} ENOSPC`).sort())
  assert.deepEqual(
    offline.map(({ path, partitions, isLast }) => [path, partitions.length, isLast]),
    [['/a', 2, false]],
  )
  const alive = logs.filter(({ path }) => path.startsWith('/b'))
  assert.deepEqual([...manager.logs], alive)
  for (const hosted of alive) assert.equal(hosted.log.logEndOffset, 1)
  assert.match(manager.describe().find(({ path }) => path === '/a')!.failure!.message, /ENOSPC/)

  const known = lost[0]!
  await assert.rejects(
    manager.getOrCreate('t', known.partition, ID, false),
    (error) => error instanceof KafkaError && error.error === 'KAFKA_STORAGE_ERROR',
  )
  assert((await manager.getOrCreate('new', 0, ID, true)).path.startsWith('/b'))
  await simulation.until(manager.close())
  assert(host.disk.stat('/b/.kafka_cleanshutdown'))
  assert(!host.disk.stat('/a/.kafka_cleanshutdown'))
})

test('a new log goes to the next directory when its own fails', async () => {
  const { host, offline, open } = setUp({ logDirs: ['/a', '/b'] })
  const manager = await open()
  host.disk.faults.add({ operation: 'makeDirectory', path: /^\/a/, code: 'EIO' })
  assert.equal((await manager.getOrCreate('t', 0, ID, true)).path, '/b/t-0')
  host.disk.faults.add({ operation: 'makeDirectory', path: /^\/b/, code: 'EIO' })
  await assert.rejects(
    manager.getOrCreate('t', 1, ID, true),
    (error) => error instanceof KafkaError && error.error === 'KAFKA_STORAGE_ERROR',
  )
  assert.deepEqual(
    offline.map(({ path, isLast }) => [path, isLast]),
    [
      ['/a', false],
      ['/b', true],
    ],
  )
})

test('a directory that cannot be read at start is offline, the only one ends the start', async () => {
  const { simulation, host, offline, open } = setUp({ logDirs: ['/a', '/b'] })
  const first = await open()
  for (const partition of [0, 1]) await first.getOrCreate('t', partition, ID, true)
  await simulation.until(first.close())
  host.disk.faults.add({ operation: 'list', path: /^\/a/, code: 'EIO' })
  const second = await open()
  assert.deepEqual(
    offline.map(({ path }) => path),
    ['/a'],
  )
  assert.deepEqual([...second.offline.keys()], ['/a'])
  await simulation.until(second.close())
  await assert.rejects(
    open({ logDirs: ['/a'] }),
    (error) => error instanceof LogDirectoryError && error.fault === 'not-usable',
  )
})

test('a stop that cannot write leaves no mark of a clean one', async () => {
  const { simulation, host, logger, open } = setUp()
  const manager = await open()
  await fill(simulation, await manager.getOrCreate('t', 0, ID, true), 3)
  host.disk.faults.add({ operation: 'sync', path: /t-0/, code: 'EIO' })
  await simulation.until(manager.close())
  assert.equal(textOf(host, '.kafka_cleanshutdown'), undefined)
  assert(logger.entries.some(({ level }) => level === 'error'))
  assert(host.disk.lock('/data/.lock'), 'the lock was given back')
})

test('a broker without logs has nothing to wake up for', async () => {
  const { simulation, host, open } = setUp()
  const manager = await open()
  host.disk.faults.add({ operation: 'write', code: 'EIO' })
  await simulation.advance(7 * 86_400_000)
  assert.equal(manager.offline.size, 0)
})
