import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryDisk } from '../kernel/memory-disk.ts'
import { seededRandom } from '../kernel/seeded-random.ts'
import { OffsetIndex } from './offset-index.ts'
import { SegmentIndexes } from './segment-indexes.ts'
import { TimeIndex } from './time-index.ts'

const PATHS = { offsets: '/a.index', times: '/a.timeindex' }

test('entries of the offset index are relative offset and position, four bytes each', () => {
  const index = new OffsetIndex(1_000)
  index.append(1_005, 4_200)
  index.append(1_300, 0x7fff_fff0)
  const bytes = Buffer.from(index.encode(0)).toString('hex')
  assert.equal(bytes, '00000005000010680000012c7ffffff0')
})

test('entries of the time index are timestamp and relative offset, eight and four bytes', () => {
  const index = new TimeIndex(1_000)
  index.maybeAppend(1_700_000_000_000, 1_005)
  assert.equal(Buffer.from(index.encode(0)).toString('hex'), '0000018bcfe5680000000005')
})

test('look-ups find the last entry at or below, as a walk over all entries does', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = seededRandom(seed)
    const offsets = new OffsetIndex(50)
    const times = new TimeIndex(50)
    const entries: { offset: number; position: number; timestamp: number }[] = []
    let [offset, position, timestamp] = [50, 0, 0]
    for (let count = random.below(60); count > 0; count--) {
      offset += 1 + random.below(5)
      position += 1 + random.below(5)
      timestamp += 1 + random.below(5)
      offsets.append(offset, position)
      times.maybeAppend(timestamp, offset)
      entries.push({ offset, position, timestamp })
    }
    for (let wanted = 45; wanted <= offset + 3; wanted++) {
      const expected = entries.findLast((entry) => entry.offset <= wanted)
      assert.equal(offsets.positionFor(wanted), expected?.position ?? 0, `seed ${seed}`)
    }
    for (let wanted = -1; wanted <= timestamp + 3; wanted++) {
      const expected = entries.findLast((entry) => entry.timestamp <= wanted)
      assert.equal(times.floor(wanted).offset, expected?.offset ?? 50, `seed ${seed}`)
    }
    const cut = 50 + random.below(offset - 48)
    offsets.truncateTo(cut)
    times.truncateTo(cut)
    const kept = entries.filter((entry) => entry.offset < cut)
    assert.deepEqual([offsets.count, times.count], [kept.length, kept.length])
  }
})

test('a file is read as far as its entries make sense', () => {
  const index = new OffsetIndex(0)
  for (let i = 1; i <= 4; i++) index.append(10 * i, 100 * i)
  const good = Buffer.from(index.encode(0))
  const cases: [string, Uint8Array, number, number][] = [
    ['whole', good, 1_000, 4],
    ['a torn entry', good.subarray(0, 27), 1_000, 3],
    ['preallocated zeros', Buffer.concat([good, Buffer.alloc(64)]), 1_000, 4],
    ['only zeros', Buffer.alloc(64), 1_000, 0],
    ['positions behind the log', good, 250, 2],
    ['twice the same', Buffer.concat([good, good]), 1_000, 4],
    ['nothing', Buffer.alloc(0), 1_000, 0],
  ]
  for (const [name, bytes, logBytes, count] of cases) {
    assert.equal(OffsetIndex.parse(bytes, 0, logBytes).count, count, name)
  }
})

test('a preallocated time index is empty, a record of 1970 is not', () => {
  assert.equal(TimeIndex.parse(new Uint8Array(120), 0).count, 0)
  assert.equal(TimeIndex.parse(new Uint8Array(12), 0).count, 1)
})

test('saving writes what is new and cuts what is gone', () => {
  const disk = new MemoryDisk()
  const indexes = SegmentIndexes.empty(0)
  const book = (lastOffset: number) => {
    const batch = { position: 100 * lastOffset, sizeBytes: 100, lastOffset }
    indexes.book({ ...batch, maxTimestamp: lastOffset }, 50)
  }
  const saved = () => {
    indexes.save(disk, PATHS)
    return [
      OffsetIndex.parse(disk.readFile(PATHS.offsets), 0, 1e6).lastOffset,
      TimeIndex.parse(disk.readFile(PATHS.times), 0).last.timestamp,
    ]
  }
  for (let offset = 0; offset < 10; offset++) book(offset)
  assert.deepEqual(saved(), [9, 9])
  assert.equal(indexes.unsavedCount, 0)
  book(10)
  indexes.truncateTo(5)
  assert.deepEqual(saved(), [4, 4])
  book(5)
  book(6)
  assert.deepEqual(saved(), [6, 6])
})

test('the newest record becomes the last entry when the segment is complete', () => {
  const indexes = SegmentIndexes.empty(0)
  const times = [10, 50, 20, 30]
  times.forEach((maxTimestamp, lastOffset) => {
    const batch = { position: 10 * lastOffset, sizeBytes: 10, lastOffset, maxTimestamp }
    indexes.book(batch, 1_000)
  })
  assert.equal(indexes.times.count, 0)
  indexes.complete()
  assert.deepEqual(indexes.times.last, { timestamp: 50, offset: 1 })
})
