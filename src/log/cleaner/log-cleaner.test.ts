import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectingLogger } from '../../kernel/logger.ts'
import { Simulation } from '../../kernel/simulated-environment.ts'
import type { HostedLog } from '../hosted-log.ts'
import { DEFAULT_LOG_CONFIG } from '../log-for-test.ts'
import { LogManager, type LogManagerConfig } from '../log-manager.ts'
import type { LogConfig } from '../log-types.ts'
import { keyedBatch, keyedRecordsIn } from './keyed-log-for-test.ts'

const ID = 'RmwtJ6-YSZG4jOC8rJxB7w'
const BACKOFF_MS = 15_000

const defaults: LogManagerConfig = {
  'log.cleaner.backoff.ms': BACKOFF_MS,
  'log.cleaner.dedupe.buffer.size': 1_048_576,
  'log.cleaner.enable': true,
  'log.cleaner.io.buffer.load.factor': 0.9,
  'log.cleaner.io.buffer.size': 16_384,
  'log.cleaner.io.max.bytes.per.second': Number.MAX_VALUE,
  'log.cleaner.threads': 1,
  'log.flush.offset.checkpoint.interval.ms': 60_000,
  'log.flush.start.offset.checkpoint.interval.ms': 60_000,
  'log.initial.task.delay.ms': 30_000,
  'log.retention.check.interval.ms': 300_000,
  'log.segment.delete.delay.ms': 60_000,
  'num.recovery.threads.per.data.dir': 2,
  'producer.id.expiration.check.interval.ms': 600_000,
  'producer.id.expiration.ms': 86_400_000,
  'replica.high.watermark.checkpoint.interval.ms': 5_000,
}

const compacted: LogConfig = {
  ...DEFAULT_LOG_CONFIG,
  'cleanup.policy': ['compact'],
  'segment.bytes': 1_000,
}

/** A broker's logs on a machine of their own. */
async function setUp(config: Partial<LogManagerConfig> = {}, topics: Partial<LogConfig> = {}) {
  const simulation = new Simulation(1)
  const host = simulation.host('a')
  const logger = collectingLogger()
  const open = () =>
    simulation.until(
      LogManager.open({
        logDirs: ['/data'],
        nodeId: 1,
        config: () => ({ ...defaults, ...config }),
        topicConfig: () => ({ ...compacted, ...topics }),
        environment: host.environment(),
        logger,
      }),
    )
  const manager = await open()
  const create = (topic: string) => simulation.until(manager.getOrCreate(topic, 0, ID, true))
  const said = (message: RegExp) => logger.entries.filter((entry) => message.test(entry.message))
  return { simulation, host, logger, open, manager, create, said }
}

/** Appends batches of one record, all of one key or each with its own. */
async function fill(simulation: Simulation, { log }: HostedLog, count: number, isOneKey = true) {
  for (let left = count; left > 0; left--) {
    const key = isOneKey ? 'key' : `key-${left}`
    const options = { baseOffset: log.logEndOffset, leaderEpoch: 0 }
    const batch = keyedBatch([{ key, value: 'x'.repeat(100) }], options)
    log.appendReplica(batch, simulation.clock(() => 0).now())
    log.highWatermarkMoved(log.logEndOffset)
  }
  await simulation.advance(1)
}

async function offsetsOf(simulation: Simulation, { log }: HostedLog): Promise<number[]> {
  const offsets: number[] = []
  for (let offset = log.logStartOffset; offset < log.logEndOffset; ) {
    const upToOffset = log.logEndOffset
    const read = await simulation.until(
      Promise.resolve(log.read({ offset, maxBytes: 1_000_000, upToOffset, minOneBatch: true })),
    )
    for (const chunk of read.chunks) {
      offsets.push(...keyedRecordsIn(chunk).map((record) => record.offset))
    }
    offset = read.nextOffset
    read.release()
  }
  return offsets
}

const CHECKPOINT = '/data/cleaner-offset-checkpoint'

test('a dirty log is compacted after the rest, and its checkpoint says how far', async () => {
  const { simulation, host, create, manager, open } = await setUp()
  const hosted = await create('orders')
  await fill(simulation, hosted, 50)
  const active = hosted.log.segments.at(-1)!.baseOffset
  await simulation.advance(BACKOFF_MS - 2)
  assert.equal(hosted.log.cleanedTo, undefined)
  await simulation.advance(2)
  assert.equal(hosted.log.cleanedTo, active)
  const left = await offsetsOf(simulation, hosted)
  assert.deepEqual(left.slice(0, 2), [active - 1, active])
  const text = Buffer.from(host.disk.readFile(CHECKPOINT)).toString()
  assert.equal(text, `0\n1\norders 0 ${active}\n`)
  await simulation.until(manager.close())
  const again = await open()
  assert.equal(again.get('orders', 0)?.log.cleanedTo, active)
})

test('the dirtiest log comes first, and all that are due in one go', async () => {
  const { simulation, create, said } = await setUp({}, { 'min.cleanable.dirty.ratio': 0.1 })
  const [a, b] = [await create('a'), await create('b')]
  await fill(simulation, a, 50, false)
  await fill(simulation, b, 50, false)
  await simulation.advance(BACKOFF_MS)
  await fill(simulation, a, 20)
  await fill(simulation, b, 60)
  await simulation.advance(BACKOFF_MS)
  const order = said(/Compacted/).map(({ fields }) => fields.partition)
  assert.deepEqual(order.slice(2), ['b-0', 'a-0'])
})

test('with log.cleaner.enable off nothing is compacted, and without threads neither', async () => {
  for (const config of [{ 'log.cleaner.enable': false }, { 'log.cleaner.threads': 0 }]) {
    const { simulation, create } = await setUp(config)
    const hosted = await create('orders')
    await fill(simulation, hosted, 50)
    await simulation.advance(10 * BACKOFF_MS)
    assert.equal(hosted.log.cleanedTo, undefined)
  }
})

test('logs whose policy is delete are left alone', async () => {
  const { simulation, create } = await setUp({}, { 'cleanup.policy': ['delete'] })
  const hosted = await create('orders')
  await fill(simulation, hosted, 50)
  await simulation.advance(10 * BACKOFF_MS)
  assert.equal(hosted.log.cleanedTo, undefined)
  assert.equal((await offsetsOf(simulation, hosted)).length, 50)
})

test('with both policies old segments go, compacted or not', async () => {
  const { simulation, create } = await setUp(
    {},
    { 'cleanup.policy': ['compact', 'delete'], 'retention.ms': 3_600_000 },
  )
  const hosted = await create('orders')
  await fill(simulation, hosted, 50, false)
  await simulation.advance(BACKOFF_MS)
  assert.equal((await offsetsOf(simulation, hosted)).length, 50)
  await simulation.advance(2 * 3_600_000)
  assert.equal((await offsetsOf(simulation, hosted)).length, 0)
  assert.equal(hosted.log.logStartOffset, 50)
})

test('the rate is kept: bytes read and written together', async () => {
  const { simulation, create } = await setUp({ 'log.cleaner.io.max.bytes.per.second': 1_000 })
  const hosted = await create('orders')
  await fill(simulation, hosted, 100, false)
  const bytes = hosted.log.sizeBytes
  await simulation.advance(BACKOFF_MS)
  await simulation.advance(bytes * 2) // twice read and once written, at a byte per ms
  assert.equal(hosted.log.cleanedTo, undefined)
  await simulation.advance(bytes * 2)
  assert.ok(hosted.log.cleanedTo! > 0)
})

test('a damaged log is named once, left alone until the next start, and others go on', async () => {
  const { simulation, host, create, said } = await setUp()
  const [bad, good] = [await create('bad'), await create('good')]
  await fill(simulation, bad, 50)
  await fill(simulation, good, 30)
  const file = host.disk.open('/data/bad-0/00000000000000000000.log', 'write')
  file.writeSync([Uint8Array.of(0x55)], 100)
  file.close()
  await simulation.advance(5 * BACKOFF_MS)
  assert.equal(bad.log.cleanedTo, undefined)
  assert.ok(good.log.cleanedTo! > 0)
  assert.equal(said(/cannot be compacted/).length, 1)
  assert.equal(bad.log.failure, undefined)
})

test('a full disk is tried again after the rest', async () => {
  const { simulation, host, create, said } = await setUp()
  const hosted = await create('orders')
  await fill(simulation, hosted, 50)
  const heal = host.disk.faults.add({ operation: 'write', path: /cleaned/, code: 'ENOSPC' })
  await simulation.advance(2 * BACKOFF_MS)
  assert.equal(said(/too full/).length, 2)
  assert.equal(hosted.log.failure, undefined)
  heal()
  await simulation.advance(BACKOFF_MS)
  assert.ok(hosted.log.cleanedTo! > 0)
})

test('a disk that fails during a compaction takes its directory offline', async () => {
  const { simulation, host, create, manager } = await setUp()
  const hosted = await create('orders')
  await fill(simulation, hosted, 50)
  host.disk.faults.add({ operation: 'write', path: /cleaned/, code: 'EIO' })
  await simulation.advance(BACKOFF_MS)
  assert.deepEqual([...manager.offline.keys()], ['/data'])
})

/** A compaction that reads take so long that something else can come between. */
async function inTheMiddle() {
  const world = await setUp({ 'log.cleaner.io.max.bytes.per.second': 1_000 })
  const hosted = await world.create('orders')
  await fill(world.simulation, hosted, 100)
  await world.simulation.advance(BACKOFF_MS + 10_000)
  assert.equal(hosted.log.cleanedTo, undefined)
  return { ...world, hosted }
}

test('a partition is deleted while it is compacted', async () => {
  const { simulation, manager, create, host, said } = await inTheMiddle()
  await simulation.until(manager.asyncDelete('orders', 0))
  const again = await create('orders')
  await fill(simulation, again, 3, false)
  await simulation.advance(600_000)
  assert.deepEqual(await offsetsOf(simulation, again), [0, 1, 2])
  assert.equal(said(/cannot|offline/).length, 0)
  assert.equal(Buffer.from(host.disk.readFile(CHECKPOINT)).toString(), '0\n0\n')
})

test('records deleted while their log is compacted stay deleted', async () => {
  const { simulation, hosted } = await inTheMiddle()
  hosted.log.deleteRecordsBefore(60)
  hosted.log.applyRetention()
  await simulation.advance(600_000)
  assert.equal(hosted.log.logStartOffset, 60)
  assert.ok(hosted.log.segments[0]!.baseOffset > 50)
  assert.ok(hosted.log.cleanedTo! > 60)
})

test('a close does not wait for a compaction, and leaves nothing of it behind', async () => {
  const { simulation, manager, host, open } = await inTheMiddle()
  const startMs = simulation.elapsedMs
  await simulation.until(manager.close())
  assert.equal(simulation.elapsedMs, startMs)
  assert.ok(!host.disk.list('/data/orders-0').some((name) => /cleaned|swap/.test(name)))
  const again = await open()
  assert.equal(again.get('orders', 0)?.log.logEndOffset, 100)
})
