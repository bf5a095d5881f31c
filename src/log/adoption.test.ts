import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { test } from 'node:test'
import { topicConfig } from '../config/topic.ts'
import { equalBytes } from '../kernel/bytes.ts'
import { collectingLogger } from '../kernel/logger.ts'
import { type SimulatedHost, Simulation } from '../kernel/simulated-environment.ts'
import { LogManager } from './log-manager.ts'
import type { LogConfig } from './log-types.ts'
import { decodeSnapshot } from './producer-snapshot.ts'

const fixtures = new URL('../../../shared/reference/kafka/fixtures/', import.meta.url)
const skip = fs.existsSync(fixtures) ? false : 'no reference data at ../shared/reference'
const NODE_ID = 1

/** What Kafka's own reader found in a partition. */
interface ExpectedBatch {
  readonly baseOffset: number
  readonly lastOffset: number
}

/** Every topic with Kafka's defaults. */
const defaults = Object.fromEntries(
  Object.entries(topicConfig.keys).map(([name, key]) => [name, key.default]),
) as unknown as LogConfig // the keys of `topicConfig` are those of a LogConfig and more

function copyInto(host: SimulatedHost, from: URL, to: string): void {
  host.disk.makeDirectory(to)
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const path = `${to}/${entry.name}`
    if (entry.isDirectory()) copyInto(host, new URL(`${entry.name}/`, from), path)
    else host.disk.replaceFile(path, new Uint8Array(fs.readFileSync(new URL(entry.name, from))))
  }
}

async function adopt(isClean: boolean) {
  const simulation = new Simulation(1)
  const host = simulation.host('a')
  copyInto(host, new URL('log-dir/', fixtures), '/data')
  if (!isClean) host.disk.remove('/data/.kafka_cleanshutdown')
  const logger = collectingLogger()
  const open = () =>
    LogManager.open({
      logDirs: ['/data'],
      nodeId: NODE_ID,
      config: () => ({
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
        'log.segment.delete.delay.ms': 60_000,
        'num.recovery.threads.per.data.dir': 2,
        'producer.id.expiration.check.interval.ms': 600_000,
        'producer.id.expiration.ms': 86_400_000,
        'replica.high.watermark.checkpoint.interval.ms': 5_000,
      }),
      topicConfig: () => defaults,
      environment: host.environment(),
      logger,
    })
  return { simulation, host, logger, open, manager: await simulation.until(open()) }
}

for (const isClean of [true, false]) {
  const how = isClean ? 'closed in good order' : 'left by a crash'
  test(`the logs of a real Kafka's directory ${how} are all adopted as they are`, {
    skip,
  }, async () => {
    const { host, logger, manager } = await adopt(isClean)
    assert.equal(manager.clusterId, '5L6g3nShT-eMCtK--X86sw')
    const directories = host.disk.list('/data').filter((name) => {
      return host.disk.stat(`/data/${name}`)?.type === 'directory'
    })
    assert.equal([...manager.logs].length, directories.length - 1, 'all but the metadata log')
    for (const { topicId, path } of manager.logs) assert.match(topicId ?? '', /^.{22}$/, path)
    for (const name of fs.readdirSync(new URL('expected/', fixtures))) {
      const text = fs.readFileSync(new URL(`expected/${name}`, fixtures), 'utf8')
      const batches: readonly ExpectedBatch[] = JSON.parse(text)
      const [, topic, partition] = /^(.*)-(\d+)\.json$/.exec(name)!
      const hosted = manager.get(topic!, Number(partition))
      if (topic === '__cluster_metadata') assert.equal(hosted, undefined)
      else if (batches.length > 0) {
        assert.equal(hosted?.log.logEndOffset, batches.at(-1)!.lastOffset + 1, name)
      }
    }
    const unexpected = logger.entries.filter(({ level }) => level === 'warn' || level === 'error')
    assert.deepEqual(unexpected, [])
  })

  test(`producers of a real Kafka's logs ${how} are as its last snapshots say`, {
    skip,
  }, async () => {
    const { host, manager } = await adopt(isClean)
    for (const { path, log } of manager.logs) {
      const snapshots = host.disk.list(path).filter((name) => name.endsWith('.snapshot'))
      const newest = snapshots.sort().at(-1)
      if (newest === undefined) continue
      const saved = decodeSnapshot(host.disk.readFile(`${path}/${newest}`))
      const known = [...log.producers.entries()]
      assert.deepEqual(
        known
          .map((entry) => ({ ...entry, batches: entry.batches.slice(-1) }))
          .map(comparable)
          .sort(),
        saved.map(comparable).sort(),
        path,
      )
    }
    assert.equal(manager.get('txn-open', 0)?.log.firstUnstableOffset, 8)
    assert.equal(manager.get('txn', 0)?.log.firstUnstableOffset, undefined)
  })
}

test("a real Kafka's checkpoints and log starts are taken over", { skip }, async () => {
  const { manager } = await adopt(true)
  assert.equal(manager.get('__share_group_state', 0)?.log.logStartOffset, 10)
  assert.equal(manager.get('many', 1)?.log.logStartOffset, 3)
  assert.equal(manager.get('txn-open', 0)?.log.logStartOffset, 3)
  assert.equal(manager.checkpointedHighWatermark('many', 1), 95)
})

test('a directory that was only opened and closed is as Kafka left it', { skip }, async () => {
  const { simulation, host, manager } = await adopt(true)
  const original = simulation.host('b')
  copyInto(original, new URL('log-dir/', fixtures), '/data')
  await simulation.until(manager.close(895))
  const differing = [...filesIn(host, '/data')].filter((path) => {
    const before = original.disk.stat(path) && original.disk.readFile(path)
    return !before || !equalBytes(before, host.disk.readFile(path))
  })
  // Indexes are sparse: Kafka leaves an entry out after a restart that we put in. A leader epoch that
  // has written nothing is forgotten at start, by Kafka too. Checkpoints are compared below.
  const mayDiffer = /index$|-checkpoint$/
  assert.deepEqual(
    differing.filter((path) => !mayDiffer.test(path)),
    [],
  )
  const lines = ({ disk }: SimulatedHost, kind: string) =>
    Buffer.from(disk.readFile(`/data/${kind}-offset-checkpoint`))
      .toString()
      .split('\n')
      .sort()
  for (const kind of ['recovery-point', 'log-start', 'replication']) {
    assert.deepEqual(lines(host, kind), lines(original, kind), 'the same, in any order')
  }
})

function* filesIn(host: SimulatedHost, path: string): IterableIterator<string> {
  for (const name of host.disk.list(path)) {
    const inner = `${path}/${name}`
    if (host.disk.stat(inner)?.type === 'directory') yield* filesIn(host, inner)
    else yield inner
  }
}

function comparable(entry: object): string {
  return JSON.stringify(Object.entries({ ...entry, seenMs: 0 }).sort())
}
