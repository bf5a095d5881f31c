import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../kernel/seeded-random.ts'
import { batchOf, batchOfBytes, DIRECTORY, recordsIn, T0, TestLog, watch } from './log-for-test.ts'

/** A log of three batches of two records in one segment, killed without being closed. */
async function killed(fixture = new TestLog()): Promise<{ fixture: TestLog; sizes: number[] }> {
  await fixture.open()
  const producer = { producerId: 7, producerEpoch: 0 }
  const batches = [0, 2, 4].map((baseSequence) =>
    batchOf([`${baseSequence}`, `${baseSequence + 1}`], { ...producer, baseSequence }),
  )
  for (const bytes of batches) fixture.append(bytes)
  await fixture.turn()
  await fixture.log.close(false)
  return { fixture, sizes: batches.map((bytes) => bytes.length) }
}

function change(fixture: TestLog, path: string, edit: (bytes: Uint8Array) => Uint8Array): void {
  fixture.disk.replaceFile(path, edit(fixture.disk.readFile(path)))
}

async function offsets(fixture: TestLog): Promise<number[]> {
  return recordsIn(await fixture.readAll()).map(({ offset }) => offset)
}

test('after a kill everything that was written is there', async () => {
  const { fixture } = await killed()
  const log = await fixture.open()
  assert.deepEqual(await offsets(fixture), [0, 1, 2, 3, 4, 5])
  assert.equal(log.logEndOffset, 6)
  assert.equal(log.recoveryPoint, 0)
  assert.equal(log.producers.entry(7)?.batches.length, 3)
})

test('wherever the last batch is cut off, it goes, is named in the log, and the log goes on', async () => {
  const { sizes } = await killed()
  const total = sizes[0]! + sizes[1]! + sizes[2]!
  for (let length = total - sizes[2]! + 1; length < total; length++) {
    const { fixture } = await killed()
    change(fixture, fixture.path(0, '.log'), (bytes) => bytes.subarray(0, length))
    const log = await fixture.open()
    assert.equal(log.logEndOffset, 4, `cut at ${length}`)
    const line = fixture.logger.entries.find(({ message }) => /Cut the damaged end/.test(message))
    assert.equal(line?.fields.cutBytes, length - total + sizes[2]!)
    assert.equal(line?.fields.offset, 4)
    assert.equal(log.producers.entry(7)?.batches.length, 2)
    assert.equal(fixture.append(batchOf(['next'])).baseOffset, 4)
    await fixture.turn()
    assert.deepEqual(await offsets(fixture), [0, 1, 2, 3, 4])
  }
})

test('whichever byte of the last batch is wrong, the batch goes or is as it was', async () => {
  const { fixture: intact, sizes } = await killed()
  const whole = intact.disk.readFile(intact.path(0, '.log')).slice()
  const from = sizes[0]! + sizes[1]!
  for (let at = from; at < whole.length; at++) {
    const { fixture } = await killed()
    change(fixture, fixture.path(0, '.log'), (bytes) => {
      const changed = bytes.slice()
      changed[at]! ^= 0x55
      return changed
    })
    const log = await fixture.open()
    // Offset and leader epoch lie outside of the checksum: they may be wrong and not be noticed.
    const isUnchecked = at < from + 16
    if (!isUnchecked) assert.equal(log.logEndOffset, 4, `byte ${at - from}`)
    else assert(log.logEndOffset >= 4, `byte ${at - from}`)
  }
})

for (const suffix of ['.log', '.index', '.timeindex']) {
  test(`random bytes behind the end of a ${suffix} file are cut off`, async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seededRandom(seed)
      const { fixture } = await killed(new TestLog({ config: { 'index.interval.bytes': 0 } }))
      const garbage = random.bytes(1 + random.below(200))
      change(fixture, fixture.path(0, suffix), (bytes) => Buffer.concat([bytes, garbage]))
      const cleanShutdown = random.below(2) === 0
      const log = await fixture.open({ cleanShutdown })
      assert.equal(log.logEndOffset, 6, `seed ${seed}`)
      assert.deepEqual(await offsets(fixture), [0, 1, 2, 3, 4, 5], `seed ${seed}`)
      await fixture.restart()
      assert.deepEqual(await offsets(fixture), [0, 1, 2, 3, 4, 5], `seed ${seed}`)
    }
  })
}

test('a damaged or missing index is made again when its segment is read', async () => {
  const damages: Record<string, (bytes: Uint8Array) => Uint8Array> = {
    empty: () => new Uint8Array(0),
    cut: (bytes) => bytes.subarray(0, bytes.length - 3),
    zeros: (bytes) => new Uint8Array(bytes.length),
    preallocated: (bytes) => Buffer.concat([bytes, new Uint8Array(80)]),
    noise: (bytes) => seededRandom(3).bytes(bytes.length),
    shifted: (bytes) => bytes.map((byte, at) => (at % 8 === 7 ? byte ^ 5 : byte)),
  }
  for (const suffix of ['.index', '.timeindex']) {
    for (const [name, damage] of Object.entries(damages)) {
      if (suffix === '.timeindex' && name === 'shifted') continue // plausible, as wrong as it is
      const config = { 'segment.bytes': 20_000, 'index.interval.bytes': 1_000 }
      const fixture = new TestLog({ config, tailCacheBytes: 0 })
      await fixture.open()
      for (let i = 0; i < 100; i++) fixture.append(batchOfBytes(700, { timestamp: T0 + i }))
      await fixture.settle(fixture.log.close(true))
      const path = fixture.path(0, suffix)
      change(fixture, path, damage)
      await fixture.open({ cleanShutdown: true })
      for (const offset of [0, 5, 20, 27]) {
        const read = await fixture.read(offset, 10)
        assert.equal(read.firstBatchBaseOffset, offset, `${suffix} ${name} at ${offset}`)
        read.release()
        const found = await fixture.settle(fixture.log.offsetForTimestamp(T0 + offset))
        assert.equal(found?.offset, offset, `${suffix} ${name} at time ${offset}`)
      }
    }
  }
})

test('after a clean shutdown segments without their indexes are served', async () => {
  const fixture = new TestLog({ config: { 'segment.bytes': 2_000 }, tailCacheBytes: 0 })
  await fixture.open()
  for (let i = 0; i < 10; i++) fixture.append(batchOfBytes(700))
  await fixture.settle(fixture.log.close(true))
  for (const name of fixture.files()) {
    if (/index$/.test(name)) fixture.disk.remove(`${DIRECTORY}/${name}`)
  }
  await fixture.open({ cleanShutdown: true })
  assert.equal((await offsets(fixture)).length, 10)
})

test('of segments below the recovery point recovery reads the end of the last one', async () => {
  const fixture = new TestLog({ config: { 'segment.bytes': 10_000 } })
  await fixture.open()
  for (let i = 0; i < 20; i++) fixture.append(batchOfBytes(2_000))
  await fixture.settle(fixture.log.flush())
  for (let i = 0; i < 2; i++) fixture.append(batchOfBytes(2_000))
  await fixture.turn()
  const { recoveryPoint, segments } = fixture.log
  await fixture.log.close(false)
  assert.equal(recoveryPoint, 20)
  const read = watch(fixture.disk, 'read', /\.log$/)
  const log = await fixture.open({ recoveryPoint })
  assert.equal(log.logEndOffset, 22)
  const paths = segments.map(({ baseOffset }) => fixture.path(baseOffset, '.log'))
  assert.equal(paths.length, 5)
  assert.deepEqual([...new Set(read)], paths.slice(-2))
})

test('in the segment of the recovery point recovery starts at an index entry', async () => {
  const fixture = new TestLog({ config: { 'index.interval.bytes': 1_000 } })
  await fixture.open()
  for (let i = 0; i < 2_000; i++) fixture.append(batchOfBytes(1_000))
  await fixture.settle(fixture.log.flush())
  const { recoveryPoint } = fixture.log
  await fixture.log.close(false)
  // What was synced is not held against its checksum, and mostly not even read.
  const spoiled = fixture.disk.open(fixture.path(0, '.log'), 'write')
  spoiled.writeSync([Uint8Array.of(1, 2, 3)], 900_000 + 70)
  const log = await fixture.open({ recoveryPoint })
  assert.equal(log.logEndOffset, 2_000)
})

test('segments behind a cut are removed', async () => {
  const fixture = new TestLog({ config: { 'segment.bytes': 3_000 } })
  await fixture.open()
  for (let i = 0; i < 9; i++) fixture.append(batchOfBytes(900))
  await fixture.turn()
  await fixture.log.close(false)
  change(fixture, fixture.path(3, '.log'), (bytes) => bytes.subarray(0, bytes.length - 1))
  const log = await fixture.open()
  assert.equal(log.logEndOffset, 5)
  assert.deepEqual(
    log.segments.map(({ baseOffset }) => baseOffset),
    [0, 3],
  )
  assert.equal(fixture.disk.stat(fixture.path(6, '.log')), undefined)
})

for (const policy of ['delete', 'compact']) {
  test(`segments behind lost records are removed unless the policy is compact: ${policy}`, async () => {
    const fixture = new TestLog({ config: { 'segment.bytes': 3_000, 'cleanup.policy': [policy] } })
    await fixture.open()
    for (let i = 0; i < 9; i++) fixture.append(batchOfBytes(900))
    await fixture.turn()
    await fixture.log.close(false)
    change(fixture, fixture.path(3, '.log'), () => new Uint8Array(0))
    const log = await fixture.open()
    assert.equal(log.logEndOffset, policy === 'delete' ? 3 : 9)
  })
}

test('a log that ends before its start begins anew there', async () => {
  const { fixture } = await killed()
  const log = await fixture.open({ logStartOffset: 50 })
  assert.deepEqual([log.logStartOffset, log.logEndOffset], [50, 50])
  assert.equal(fixture.append(batchOf(['a'])).baseOffset, 50)
})

test('leader epochs lost with a crash are found again in the batches', async () => {
  const fixture = new TestLog()
  await fixture.open()
  fixture.append(batchOf(['a']), 2)
  fixture.append(batchOf(['b']), 5)
  await fixture.turn()
  await fixture.log.close(false)
  fixture.disk.remove(`${DIRECTORY}/leader-epoch-checkpoint`)
  const log = await fixture.open()
  assert.deepEqual(log.leaderEpochs.entries, [
    { epoch: 2, startOffset: 0 },
    { epoch: 5, startOffset: 1 },
  ])
})

test('a damaged producer snapshot costs a scan and nothing else', async () => {
  const fixture = new TestLog()
  await fixture.open()
  fixture.append(batchOf(['a'], { producerId: 7, producerEpoch: 0, baseSequence: 0 }))
  await fixture.settle(fixture.log.close(true))
  change(fixture, fixture.path(1, '.snapshot'), (bytes) => bytes.map((byte) => byte ^ 0x11))
  const log = await fixture.open({ recoveryPoint: 1 })
  assert.equal(log.producers.entry(7)?.batches.length, 1)
  const again = batchOf(['a'], { producerId: 7, producerEpoch: 0, baseSequence: 0 })
  assert.equal(fixture.append(again).isDuplicate, true)
})

test('what a compaction left half done is finished', async () => {
  const fixture = new TestLog({ config: { 'segment.bytes': 2_000 } })
  await fixture.open()
  for (let i = 0; i < 10; i++) fixture.append(batchOfBytes(700))
  await fixture.settle(fixture.log.close(true))
  const { disk } = fixture
  const compacted = batchOf(['only one left'], { baseOffset: 3 })
  disk.replaceFile(`${fixture.path(0, '.log')}.swap`, compacted)
  disk.replaceFile(`${fixture.path(0, '.index')}.swap`, new Uint8Array(0))
  disk.replaceFile(`${fixture.path(0, '.timeindex')}.swap`, new Uint8Array(0))
  disk.replaceFile(`${fixture.path(8, '.log')}.cleaned`, compacted)
  disk.replaceFile(`${fixture.path(77, '.log')}.deleted`, compacted)
  await fixture.open({ cleanShutdown: true })
  assert.deepEqual(await offsets(fixture), [3, 4, 5, 6, 7, 8, 9])
  assert(!fixture.files().some((name) => /swap|cleaned|deleted/.test(name)))
})

test('an index file without its log file is removed', async () => {
  const { fixture } = await killed()
  fixture.disk.replaceFile(fixture.path(99, '.index'), new Uint8Array(8))
  await fixture.open()
  assert.equal(fixture.disk.stat(fixture.path(99, '.index')), undefined)
})

test('a power cut during a planned restart loses nothing', async () => {
  const { fixture } = await killed()
  await fixture.open()
  await fixture.restart()
  await fixture.settle(fixture.log.flush())
  fixture.host.crash()
  await fixture.open({ recoveryPoint: 6 })
  assert.deepEqual(await offsets(fixture), [0, 1, 2, 3, 4, 5])
})
