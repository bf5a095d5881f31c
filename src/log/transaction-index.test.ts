import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { MemoryDisk } from '../kernel/memory-disk.ts'
import { type AbortedTransaction, TransactionIndex } from './transaction-index.ts'

const PATH = '/00000000000000000006.txnindex'
const fixture = new URL(
  '../../../shared/reference/kafka/fixtures/log-dir/txn-0/00000000000000000006.txnindex',
  import.meta.url,
)

function aborted(
  producerId: number,
  firstOffset: number,
  lastOffset: number,
  lastStableOffset = lastOffset + 1,
): AbortedTransaction {
  return { producerId, firstOffset, lastOffset, lastStableOffset }
}

const three = [aborted(7, 3, 10, 6), aborted(6, 6, 20), aborted(7, 22, 30)]

function indexOf(entries: readonly AbortedTransaction[], disk = new MemoryDisk()) {
  const index = new TransactionIndex(disk, PATH, 6)
  for (const entry of entries) index.append(entry)
  return index
}

test("a real Kafka's index is read and written to the same bytes", (t) => {
  if (!fs.existsSync(fixture)) return t.skip('no reference data at ../shared/reference')
  const bytes = new Uint8Array(fs.readFileSync(fixture))
  const disk = new MemoryDisk()
  disk.replaceFile(PATH, bytes)
  const index = new TransactionIndex(disk, PATH, 6)
  assert.deepEqual(index.entries(), [aborted(7, 3, 7), aborted(6, 8, 10)])
  assert(index.isSane())
  const copy = new MemoryDisk()
  indexOf(index.entries(), copy)
  assert.deepEqual(copy.readFile(PATH), bytes)
})

test('a segment without aborted transactions has no file', () => {
  const disk = new MemoryDisk()
  const index = indexOf([], disk)
  assert.deepEqual(index.abortedBetween(0, 100), { aborted: [], isComplete: false })
  index.truncateTo(0)
  index.reset()
  index.flush()
  assert.equal(disk.stat(PATH), undefined)
})

const searches: readonly (readonly [number, number, readonly number[], boolean])[] = [
  [0, 3, [], true],
  [0, 4, [0], true],
  [0, 6, [0], true],
  [6, 7, [0, 1], true],
  [10, 11, [0, 1], true],
  [11, 12, [1], true],
  [21, 22, [], true],
  [21, 23, [2], true],
  [30, 31, [2], true],
  [30, 32, [2], false],
  [31, 99, [], false],
]
for (const [start, end, found, isComplete] of searches) {
  test(`[${start}, ${end}) overlaps transactions [${found}]`, () => {
    const expected = { aborted: found.map((slot) => three[slot]), isComplete }
    assert.deepEqual(indexOf(three).abortedBetween(start, end), expected)
  })
}

test('what was appended is there after a restart, without the entry a crash has torn', () => {
  const disk = new MemoryDisk()
  indexOf(three, disk)
  const file = disk.open(PATH, 'write')
  file.truncate(2 * 34 + 20)
  const index = new TransactionIndex(disk, PATH, 6)
  assert.deepEqual(index.entries(), three.slice(0, 2))
  index.append(three[2]!)
  assert.equal(file.sizeBytes(), 3 * 34)
  index.unload()
  assert.deepEqual(index.entries(), three)
})

test('cutting drops the transactions whose marker is cut off', () => {
  const disk = new MemoryDisk()
  const index = indexOf(three, disk)
  index.truncateTo(31)
  assert.equal(index.count, 3)
  index.truncateTo(20)
  assert.deepEqual(index.entries(), three.slice(0, 1))
  assert.equal(disk.stat(PATH)?.sizeBytes, 34)
  index.reset()
  assert.equal(disk.stat(PATH)?.sizeBytes, 0)
})

test('markers only grow', () => {
  assert.throws(() => indexOf(three).append(aborted(9, 1, 30)), /marker 30 in .* is not above 30/)
})

const insane: readonly (readonly [string, (bytes: Uint8Array) => void])[] = [
  ['an unknown version', (bytes) => bytes.set([0, 1], 0)],
  ['a marker before the segment', (bytes) => bytes.fill(0, 18, 26)],
  ['markers out of order', (bytes) => bytes.copyWithin(34, 68)],
  ['an offset beyond 2^53', (bytes) => bytes.fill(0x7f, 52, 60)],
]
for (const [what, damage] of insane) {
  test(`an index with ${what} is not sane`, () => {
    const disk = new MemoryDisk()
    assert(indexOf(three, disk).isSane())
    const bytes = disk.readFile(PATH)
    damage(bytes)
    disk.replaceFile(PATH, bytes)
    assert(!new TransactionIndex(disk, PATH, 6).isSane())
  })
}

test('a search finds what a scan finds', () => {
  const step = fc.record({ gap: fc.integer({ min: 1, max: 9 }), length: fc.nat(30) })
  const steps = fc.array(step, { maxLength: 20 })
  fc.assert(
    fc.property(steps, fc.nat(150), fc.nat(40), (spans, start, size) => {
      const end = start + size
      const entries = historyOf(spans)
      const overlapping = entries.filter((e) => e.lastOffset >= start && e.firstOffset < end)
      assert.deepEqual(indexOf(entries).abortedBetween(start, end).aborted, overlapping)
    }),
  )
})

/** Transactions that end `gap` after one another, each stable up to the oldest that is open then. */
function historyOf(spans: readonly { gap: number; length: number }[]): AbortedTransaction[] {
  let last = 30
  const offsets = spans.map(({ gap, length }) => {
    last += gap
    return { first: last - length, last }
  })
  return offsets.map(({ first, last }, slot) => {
    const open = offsets.slice(slot + 1).map((later) => later.first)
    return aborted(slot, first, last, Math.min(last + 1, ...open))
  })
}
