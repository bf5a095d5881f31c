import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { collectingLogger, silentLogger } from '../kernel/logger.ts'
import { MemoryDisk } from '../kernel/memory-disk.ts'
import { LeaderEpochCache } from './leader-epoch-cache.ts'

const FILE = '/p-0/leader-epoch-checkpoint'

type Pair = readonly [epoch: number, startOffset: number]

function newDisk(): MemoryDisk {
  const disk = new MemoryDisk()
  disk.makeDirectory('/p-0')
  return disk
}

function cacheOf(...pairs: readonly Pair[]): LeaderEpochCache {
  const cache = LeaderEpochCache.open(newDisk(), '/p-0', silentLogger)
  for (const [epoch, startOffset] of pairs) cache.assign(epoch, startOffset)
  return cache
}

function pairsOf(cache: LeaderEpochCache): readonly Pair[] {
  return cache.entries.map(({ epoch, startOffset }) => [epoch, startOffset])
}

function textOf(disk: MemoryDisk): string {
  return Buffer.from(disk.readFile(FILE)).toString()
}

const assignments: readonly (readonly [string, readonly Pair[], readonly Pair[]])[] = [
  ['the first', [[0, 0]], [[0, 0]]],
  [
    'a later epoch',
    [
      [0, 0],
      [2, 60],
    ],
    [
      [0, 0],
      [2, 60],
    ],
  ],
  [
    'the latest again, at a later offset',
    [
      [1, 5],
      [1, 9],
    ],
    [[1, 5]],
  ],
  [
    'the latest again, at an earlier offset',
    [
      [0, 0],
      [1, 9],
      [1, 5],
    ],
    [
      [0, 0],
      [1, 5],
    ],
  ],
  [
    'a later epoch at the same offset, for the one that wrote nothing',
    [
      [1, 5],
      [2, 5],
    ],
    [[2, 5]],
  ],
  [
    'a later epoch at an earlier offset',
    [
      [1, 5],
      [2, 9],
      [3, 7],
    ],
    [
      [1, 5],
      [3, 7],
    ],
  ],
  [
    'an earlier epoch',
    [
      [1, 5],
      [2, 9],
      [1, 12],
    ],
    [[1, 12]],
  ],
]
for (const [what, assigned, kept] of assignments) {
  test(`assigning ${what} leaves ${JSON.stringify(kept)}`, () => {
    assert.deepEqual(pairsOf(cacheOf(...assigned)), kept)
  })
}

// KIP-279: of epochs 2 at 10, 4 at 20 and 7 at 30 in a log that ends at 40.
const ends: Readonly<Record<number, Pair>> = {
  [-1]: [-1, -1],
  0: [0, 10],
  1: [1, 10],
  2: [2, 20],
  3: [2, 20],
  4: [4, 30],
  6: [4, 30],
  7: [7, 40],
  8: [-1, -1],
}
for (const [epoch, [foundEpoch, endOffset]] of Object.entries(ends)) {
  test(`epoch ${epoch} ends as epoch ${foundEpoch} at ${endOffset}`, () => {
    const cache = cacheOf([2, 10], [4, 20], [7, 30])
    assert.deepEqual(cache.endOffsetFor(Number(epoch), 40), { epoch: foundEpoch, endOffset })
  })
}

test('an offset belongs to the epoch that began at or before it', () => {
  const cache = cacheOf([2, 10], [4, 20])
  assert.deepEqual(
    [9, 10, 19, 20, 99].map((offset) => cache.epochForOffset(offset)),
    [undefined, 2, 2, 4, 4],
  )
})

const cuts: readonly (readonly ['start' | 'end', number, readonly Pair[]])[] = [
  [
    'end',
    31,
    [
      [2, 10],
      [4, 20],
      [7, 30],
    ],
  ],
  [
    'end',
    30,
    [
      [2, 10],
      [4, 20],
    ],
  ],
  ['end', 20, [[2, 10]]],
  ['end', 10, []],
  [
    'start',
    10,
    [
      [2, 10],
      [4, 20],
      [7, 30],
    ],
  ],
  [
    'start',
    5,
    [
      [2, 10],
      [4, 20],
      [7, 30],
    ],
  ],
  [
    'start',
    15,
    [
      [2, 15],
      [4, 20],
      [7, 30],
    ],
  ],
  [
    'start',
    20,
    [
      [4, 20],
      [7, 30],
    ],
  ],
  ['start', 99, [[7, 99]]],
]
for (const [side, offset, kept] of cuts) {
  test(`cutting from the ${side} at ${offset} leaves ${JSON.stringify(kept)}`, () => {
    const disk = newDisk()
    const cache = LeaderEpochCache.open(disk, '/p-0', silentLogger)
    for (const [epoch, start] of [
      [2, 10],
      [4, 20],
      [7, 30],
    ] as const)
      cache.assign(epoch, start)
    if (side === 'end') cache.truncateFromEnd(offset)
    else cache.truncateFromStart(offset)
    assert.deepEqual(pairsOf(cache), kept)
    cache.flush()
    const reopened = LeaderEpochCache.open(disk, '/p-0', silentLogger)
    assert.deepEqual(pairsOf(reopened), kept)
  })
}

test('what was assigned and what was cut is in the file with flush', () => {
  const disk = newDisk()
  const cache = LeaderEpochCache.open(disk, '/p-0', silentLogger)
  cache.assign(0, 0)
  cache.assign(2, 60)
  assert.equal(disk.stat(FILE), undefined)
  cache.flush()
  assert.equal(textOf(disk), '0\n2\n0 0\n2 60\n')
  cache.truncateFromEnd(60)
  assert.equal(textOf(disk), '0\n2\n0 0\n2 60\n')
  cache.flush()
  assert.equal(textOf(disk), '0\n1\n0 0\n')
})

for (const garbage of ['x', '0\n2\n0 0\n', '0\n1\n0 -5\n', '0\n1\n0\n', '\0\0\0']) {
  test(`a file of ${JSON.stringify(garbage)} counts as empty, with a warning`, () => {
    const disk = newDisk()
    disk.replaceFile(FILE, Buffer.from(garbage))
    const logger = collectingLogger()
    assert.deepEqual(pairsOf(LeaderEpochCache.open(disk, '/p-0', logger)), [])
    assert.deepEqual(
      logger.entries.map(({ level }) => level),
      ['warn'],
    )
  })
}

test('whatever is assigned and cut, epochs and offsets grow strictly', () => {
  const call = fc.tuple(fc.constantFrom('assign', 'start', 'end'), fc.nat(6), fc.nat(20))
  fc.assert(
    fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
      const cache = cacheOf()
      for (const [kind, epoch, offset] of calls) {
        if (kind === 'assign') cache.assign(epoch, offset)
        else if (kind === 'start') cache.truncateFromStart(offset)
        else cache.truncateFromEnd(offset)
        if (kind === 'assign') assert.equal(cache.latest?.epoch, epoch)
        cache.entries.reduce(
          (previous, entry) => {
            assert(entry.epoch > previous.epoch && entry.startOffset > previous.startOffset)
            return entry
          },
          { epoch: -1, startOffset: -1 },
        )
      }
    }),
  )
})
