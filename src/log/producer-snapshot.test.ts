import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { collectingLogger, silentLogger } from '../kernel/logger.ts'
import { MemoryDisk } from '../kernel/memory-disk.ts'
import { seededRandom } from '../kernel/seeded-random.ts'
import {
  CorruptSnapshot,
  decodeSnapshot,
  encodeSnapshot,
  ProducerSnapshots,
} from './producer-snapshot.ts'
import type { ProducerEntry } from './producer-state.ts'

const fixtures = new URL('../../../shared/reference/kafka/fixtures/', import.meta.url)

const entry = fc.record({
  producerId: fc.maxSafeNat(),
  producerEpoch: fc.integer({ min: 0, max: 0x7fff }),
  coordinatorEpoch: fc.integer({ min: -1, max: 100 }),
  lastTimestamp: fc.integer({ min: -1, max: 2 ** 45 }),
  currentTxnFirstOffset: fc.integer({ min: -1, max: 2 ** 40 }),
  hasBatch: fc.boolean(),
  lastOffset: fc.maxSafeNat(),
})

const entries = fc.array(
  entry.map(
    ({ hasBatch, lastOffset, ...rest }): ProducerEntry => ({
      ...rest,
      batches: hasBatch
        ? [{ lastSequence: 4, lastOffset, offsetDelta: 4, timestamp: rest.lastTimestamp }]
        : [],
    }),
  ),
  { maxLength: 20 },
)

test('what is written is read back', () => {
  fc.assert(
    fc.property(entries, (written) => {
      assert.deepEqual(decodeSnapshot(encodeSnapshot(written)), written)
    }),
  )
})

test('no damage goes unnoticed', () => {
  const bytes = encodeSnapshot([...sample(3)])
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.slice()
    damaged[at]! ^= 0x10
    assert.throws(() => decodeSnapshot(damaged), CorruptSnapshot, `byte ${at}`)
    assert.throws(() => decodeSnapshot(bytes.slice(0, at)), CorruptSnapshot, `cut at ${at}`)
  }
})

test('the snapshots of a real Kafka are read and written to the same bytes', (t) => {
  if (!fs.existsSync(fixtures)) return t.skip('no reference data at ../shared/reference')
  let count = 0
  for (const { directory, name, bytes } of fixtureSnapshots()) {
    const decoded = decodeSnapshot(bytes)
    assert.deepEqual(encodeSnapshot(decoded), bytes, `${directory}/${name}`)
    count++
  }
  assert(count > 10, `${count} snapshots found`)
})

test('the snapshots of a real Kafka say what its dump tool says', (t) => {
  if (!fs.existsSync(fixtures)) return t.skip('no reference data at ../shared/reference')
  let compared = 0
  for (const { directory, name, bytes } of fixtureSnapshots()) {
    const dumpFile = new URL(`dump/${directory}.txt`, fixtures)
    if (!fs.existsSync(dumpFile)) continue
    const section = fs.readFileSync(dumpFile, 'utf8').split(`Dumping ${directory}/${name}\n`)[1]
    assert(section !== undefined, `${directory}/${name} is not in the dump`)
    const dumped = section
      .slice(0, section.search(/^(?!producerId)/m))
      .split('\n')
      .filter(Boolean)
    assert.deepEqual(decodeSnapshot(bytes).map(asDumped), dumped)
    compared++
  }
  assert(compared > 5, `${compared} snapshots compared`)
})

test('restore gives the newest usable snapshot inside of the log and removes the others', () => {
  const disk = new MemoryDisk()
  const logger = collectingLogger()
  disk.makeDirectory('/p-0')
  const snapshots = ProducerSnapshots.open(disk, '/p-0', logger)
  for (const offset of [5, 10, 20, 30]) snapshots.write(offset, stateOf(offset / 5), 0, true)
  const damaged = disk.open('/p-0/00000000000000000020.snapshot', 'write')
  damaged.truncate(30)
  const found = ProducerSnapshots.open(disk, '/p-0', logger)
  assert.deepEqual(found.offsets, [5, 10, 20, 30])
  const restored = found.restore(5, 29)
  assert.equal(restored?.offset, 10)
  assert.equal(restored.entries.length, 2)
  assert.deepEqual(disk.list('/p-0'), ['00000000000000000010.snapshot'])
  assert.deepEqual(
    logger.entries.map(({ level }) => level),
    ['warn'],
  )
})

for (const before of ['nothing', 'one that was not synced']) {
  test(`a snapshot written synced over ${before} is there after a power cut`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const disk = new MemoryDisk({ crashable: true })
      disk.makeDirectory('/p-0')
      disk.syncDirectory('/')
      const snapshots = ProducerSnapshots.open(disk, '/p-0', silentLogger)
      if (before !== 'nothing') snapshots.write(7, stateOf(3), 0, false)
      snapshots.write(7, stateOf(3), 0, true)
      const found = ProducerSnapshots.open(disk.crash(seededRandom(seed)), '/p-0', silentLogger)
      assert.equal(found.restore(0, 100)?.entries.length, 3, `seed ${seed}`)
    }
  })
}

test('without a usable snapshot there is none, and nothing is left of the others', () => {
  const disk = new MemoryDisk()
  disk.makeDirectory('/p-0')
  const snapshots = ProducerSnapshots.open(disk, '/p-0', silentLogger)
  snapshots.write(7, stateOf(1), 0, false)
  disk.open('/p-0/00000000000000000007.snapshot', 'write').truncate(0)
  assert.equal(snapshots.restore(0, 100), undefined)
  assert.deepEqual(disk.list('/p-0'), [])
})

const strayRows = [
  { offsets: [0, 10, 15, 20, 25], bases: [0, 10, 20], kept: [0, 10, 20, 25] },
  { offsets: [10, 15, 20], bases: [0, 10, 20], kept: [10, 20] },
  { offsets: [5, 25], bases: [0], kept: [25] },
  { offsets: [25, 30], bases: [], kept: [30] },
]
for (const { offsets, bases, kept } of strayRows) {
  test(`of snapshots ${offsets} beside segments ${bases} stay ${kept}`, () => {
    const disk = new MemoryDisk()
    disk.makeDirectory('/p-0')
    const snapshots = ProducerSnapshots.open(disk, '/p-0', silentLogger)
    for (const offset of offsets) snapshots.write(offset, stateOf(0), 0, false)
    snapshots.removeStray(bases)
    assert.deepEqual(snapshots.offsets, kept)
  })
}

test('snapshots below an offset are removed, and a moved directory is followed', () => {
  const disk = new MemoryDisk()
  disk.makeDirectory('/p-0')
  const snapshots = ProducerSnapshots.open(disk, '/p-0', silentLogger)
  for (const offset of [1, 2, 3]) snapshots.write(offset, stateOf(0), 0, false)
  disk.rename('/p-0', '/q-0')
  snapshots.moveTo('/q-0')
  snapshots.removeBefore(3)
  assert.deepEqual(disk.list('/q-0'), ['00000000000000000003.snapshot'])
  assert.equal(snapshots.latest, 3)
  snapshots.removeAll()
  assert.deepEqual(disk.list('/q-0'), [])
})

function* sample(count: number): IterableIterator<ProducerEntry> {
  for (let producerId = 0; producerId < count; producerId++) {
    yield {
      producerId,
      producerEpoch: 1,
      coordinatorEpoch: -1,
      lastTimestamp: 1_700_000_000_000,
      currentTxnFirstOffset: -1,
      batches: [{ lastSequence: 9, lastOffset: 9, offsetDelta: 9, timestamp: 1_700_000_000_000 }],
    }
  }
}

function stateOf(size: number) {
  return { snapshotEntries: () => sample(size) }
}

function* fixtureSnapshots() {
  const logDir = new URL('log-dir/', fixtures)
  for (const found of fs.readdirSync(logDir, { withFileTypes: true })) {
    // The metadata log's snapshots are of another kind.
    if (!found.isDirectory() || found.name.startsWith('__cluster_metadata')) continue
    const directory = found.name
    for (const name of fs.readdirSync(new URL(`${directory}/`, logDir))) {
      if (!name.endsWith('.snapshot')) continue
      const bytes = new Uint8Array(fs.readFileSync(new URL(`${directory}/${name}`, logDir)))
      yield { directory, name, bytes }
    }
  }
}

/** A line of kafka-dump-log. */
function asDumped(entry: ProducerEntry): string {
  const first = entry.currentTxnFirstOffset
  const head =
    `producerId: ${entry.producerId} producerEpoch: ${entry.producerEpoch} ` +
    `coordinatorEpoch: ${entry.coordinatorEpoch} currentTxnFirstOffset: ` +
    `${first < 0 ? 'OptionalLong.empty' : `OptionalLong[${first}]`} ` +
    `lastTimestamp: ${entry.lastTimestamp} `
  const last = entry.batches.at(-1)
  if (!last) return head.trimEnd()
  const firstSequence =
    last.lastSequence < last.offsetDelta
      ? last.lastSequence - last.offsetDelta + 2 ** 31
      : last.lastSequence - last.offsetDelta
  return (
    `${head}firstSequence: ${firstSequence} lastSequence: ${last.lastSequence} ` +
    `lastOffset: ${last.lastOffset} offsetDelta: ${last.offsetDelta} timestamp: ${last.timestamp}`
  )
}
