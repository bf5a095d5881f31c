import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { MemoryDisk } from '../kernel/memory-disk.ts'
import {
  CorruptCheckpoint,
  formatCheckpoint,
  parseCheckpoint,
  readOffsets,
  writeOffsets,
} from './checkpoint-file.ts'

const fixtures = new URL('../../../shared/reference/kafka/fixtures/log-dir/', import.meta.url)
const PATH = '/recovery-point-offset-checkpoint'

function diskWith(text: string): MemoryDisk {
  const disk = new MemoryDisk()
  disk.replaceFile(PATH, Buffer.from(text))
  return disk
}

test('offsets that are written are read back', () => {
  const offset = fc.record(
    {
      topic: fc.stringMatching(/^[a-zA-Z0-9._-]{1,20}$/),
      partition: fc.nat(),
      offset: fc.maxSafeNat(),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(fc.array(offset), (offsets) => {
      const disk = new MemoryDisk()
      writeOffsets(disk, PATH, offsets)
      assert.deepEqual(readOffsets(disk, PATH), offsets)
    }),
  )
})

test('the file is the one that Kafka writes', () => {
  assert.equal(formatCheckpoint(['orders 0 17', 'orders 1 4']), '0\n2\norders 0 17\norders 1 4\n')
  assert.equal(formatCheckpoint([]), '0\n0\n')
})

test("a real Kafka's checkpoints are read and written to the same bytes", (t) => {
  if (!fs.existsSync(fixtures)) return t.skip('no reference data at ../shared/reference')
  const names = ['recovery-point', 'log-start', 'replication', 'cleaner']
  for (const name of names.map((kind) => `${kind}-offset-checkpoint`)) {
    const path = new URL(name, fixtures)
    const text = fs.readFileSync(path, 'utf8')
    const entries = parseCheckpoint(text, name, 3)
    assert.equal(formatCheckpoint(entries.map((values) => values.join(' '))), text)
  }
})

const readable: Readonly<Record<string, readonly number[]>> = {
  '': [],
  '0': [],
  '0\n0\n': [],
  '0\n1\nt 0 5\n': [5],
  '0\n1\nt 0 5': [5],
  '0\r\n1\r\nt\t0  5\r\n': [5],
  '0\n1\nt 0 -1\n': [-1],
}
for (const [text, offsets] of Object.entries(readable)) {
  test(`${JSON.stringify(text)} is read`, () => {
    const read = readOffsets(diskWith(text), PATH)
    assert.deepEqual(
      read.map(({ offset }) => offset),
      offsets,
    )
  })
}

test('an absent file holds nothing', () => {
  assert.deepEqual(readOffsets(new MemoryDisk(), PATH), [])
})

const damaged: Readonly<Record<string, RegExp>> = {
  'x\n0\n': /"x" is not a whole number/,
  '1\n0\n': /has version 1, this program knows 0/,
  '0\nmany\n': /"many" is not a whole number/,
  '0\n2\nt 0 5\n': /has 1 entries where it announces 2/,
  '0\n1\nt 0 5\nt 1 5\n': /has 2 entries where it announces 1/,
  '0\n1\nt 0\n': /"t 0" has not 3 values/,
  '0\n1\nt 0 5 6\n': /has not 3 values/,
  '0\n1\nt 0 5x\n': /"5x" is not a whole number/,
  '0\n1\nt 0 9007199254740993\n': /is not a whole number/,
  '\0\0\0\0': /is not a whole number/,
}
for (const [text, message] of Object.entries(damaged)) {
  test(`${JSON.stringify(text)} is refused with the path and what is wrong`, () => {
    assert.throws(
      () => readOffsets(diskWith(text), PATH),
      (error) =>
        error instanceof CorruptCheckpoint &&
        error.message.includes(PATH) &&
        message.test(error.message),
    )
  })
}

test('any bytes are read or refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      try {
        readOffsets(diskWith(text), PATH)
      } catch (error) {
        assert(error instanceof CorruptCheckpoint)
      }
    }),
  )
})
