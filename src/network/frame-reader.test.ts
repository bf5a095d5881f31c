import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { writeInt32 } from '../kernel/bytes.ts'
import { FrameReader, OWN_BUFFER_FROM_BYTES } from './frame-reader.ts'
import { ReceiveMemory } from './receive-memory.ts'

/** A frame of `size` bytes that can be told from others. */
function frameOf(size: number, seed: number): Uint8Array {
  return new Uint8Array(size).map((_, index) => (index * 31 + seed * 7 + (index >> 8)) & 0xff)
}

function streamOf(frames: readonly Uint8Array[]): Uint8Array {
  const parts = frames.flatMap((frame) => {
    const size = new Uint8Array(4)
    writeInt32(size, 0, frame.length)
    return [size, frame]
  })
  return Buffer.concat(parts)
}

interface Recorder {
  readonly reader: FrameReader
  readonly frames: Uint8Array[]
  readonly begun: (readonly [number, number])[]
}

function recorder(
  memory = new ReceiveMemory(),
  onFrame?: (reader: FrameReader) => void,
  limitBytes = Number.POSITIVE_INFINITY,
): Recorder {
  const frames: Uint8Array[] = []
  const begun: [number, number][] = []
  const reader = new FrameReader(memory, {
    begins(size, word) {
      begun.push([size, word])
      return size <= limitBytes ? 'accept' : 'refuse'
    },
    frame(bytes) {
      frames.push(bytes)
      onFrame?.(reader)
    },
  })
  return { reader, frames, begun }
}

/** Lets `bytes` be read in pieces of at most `piece()` bytes. */
function feed(reader: FrameReader, bytes: Uint8Array, piece: () => number): void {
  for (let at = 0; at < bytes.length; ) {
    const into = reader.buffer()
    const count = Math.max(1, Math.min(into.length, piece(), bytes.length - at))
    into.set(bytes.subarray(at, at + count))
    reader.received(count)
    at += count
  }
}

function assertFrames(found: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  assert.equal(found.length, expected.length)
  for (const [index, frame] of expected.entries()) {
    assert.ok(Buffer.from(found[index]!).equals(frame), `frame ${index} of ${frame.length} bytes`)
  }
}

test('frames come out whole, wherever the stream is split once', () => {
  const frames = [frameOf(8, 1), frameOf(4, 2), frameOf(300, 3), frameOf(9, 4)]
  const stream = streamOf(frames)
  for (let split = 1; split < stream.length; split++) {
    const { reader, frames: found } = recorder()
    feed(reader, stream.subarray(0, split), () => 1_000)
    feed(reader, stream.subarray(split), () => 1_000)
    assertFrames(found, frames)
  }
})

test('frames come out whole when every byte comes alone', () => {
  const frames = [frameOf(4, 1), frameOf(20_000, 2), frameOf(64, 3)]
  const { reader, frames: found, begun } = recorder()
  feed(reader, streamOf(frames), () => 1)
  assertFrames(found, frames)
  assert.deepEqual(
    begun.map(([size]) => size),
    [4, 20_000, 64],
  )
})

const sizes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 4, max: 300 }) },
  { weight: 3, arbitrary: fc.integer({ min: 4, max: 70_000 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(16_383, 16_384, 65_536, 2_097_152, 2_097_153, 5_000_000),
  },
)
const script = fc.record({
  sizes: fc.array(sizes, { maxLength: 12 }),
  pieces: fc.array(fc.oneof(fc.nat(40), fc.nat(300_000)), { minLength: 1, maxLength: 20 }),
  stops: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
})

test('any split, stops and resumptions included, gives the frames that were sent', () => {
  const check = fc.property(script, ({ sizes, pieces, stops }) => {
    const frames = sizes.map(frameOf)
    let turn = 0
    const { reader, frames: found } = recorder(undefined, (self) => {
      if (stops[turn++ % stops.length]) self.stop()
    })
    feed(reader, streamOf(frames), () => {
      if (stops[turn++ % stops.length]) reader.resume()
      return pieces[turn % pieces.length]!
    })
    for (let left = frames.length; left > 0; left--) reader.resume()
    assertFrames(found, frames)
  })
  fc.assert(check, { numRuns: 60 })
})

test('frames stay as they are while many connections go on to receive', () => {
  const memory = new ReceiveMemory()
  const all = Array.from({ length: 8 }, () => recorder(memory))
  const frames = Array.from({ length: 4_000 }, (_, index) => frameOf(100 + (index % 97), index))
  const stream = streamOf(frames)
  for (let at = 0; at < stream.length; at += 5_000) {
    for (const { reader } of all) feed(reader, stream.subarray(at, at + 5_000), () => 5_000)
  }
  for (const { frames: found } of all) assertFrames(found, frames)
})

test('a large frame is alone in its memory and was read straight into it', () => {
  const { reader, frames } = recorder()
  const frame = frameOf(1_048_576, 1)
  const stream = streamOf([frame, frameOf(10, 2)])
  feed(reader, stream.subarray(0, 1_000), () => 1_000)
  const into = reader.buffer()
  assert.equal(into.length, frame.length - 996)
  feed(reader, stream.subarray(1_000), () => 200_000)
  assertFrames(frames, [frame, frameOf(10, 2)])
  assert.equal(frames[0]!.buffer, into.buffer)
  assert.equal(frames[0]!.buffer.byteLength, frame.length)
  assert.ok(frame.length >= OWN_BUFFER_FROM_BYTES)
})

test('an announced size takes no memory before bytes come', () => {
  const { reader } = recorder()
  const prelude = new Uint8Array(8)
  writeInt32(prelude, 0, 1_000_000_000)
  feed(reader, prelude, () => 8)
  assert.ok(reader.buffer().length <= 2_097_152)
})

const refused: readonly (readonly [string, number, number])[] = [
  ['a negative size', -1, 4],
  ['an empty frame', 0, 4],
  ['a frame without room for its first fields', 3, 4],
  ['a frame above the limit', 1_001, 8],
]
for (const [what, size, bytes] of refused) {
  test(`${what} is refused as soon as it can be known, and nothing is read behind it`, () => {
    const { reader, frames, begun } = recorder(undefined, undefined, 1_000)
    const prelude = new Uint8Array(8)
    writeInt32(prelude, 0, size)
    feed(reader, prelude.subarray(0, bytes), () => 1)
    assert.deepEqual(
      begun.map(([begunSize]) => begunSize),
      [size],
    )
    feed(reader, streamOf([frameOf(10, 1)]), () => 100)
    assert.equal(reader.resume(), false)
    assert.deepEqual(frames, [])
    assert.equal(begun.length, 1)
  })
}

test('a reader stopped by the beginning of a frame holds that frame back', () => {
  const frames: Uint8Array[] = []
  const reader = new FrameReader(new ReceiveMemory(), {
    begins() {
      reader.stop()
      return 'accept'
    },
    frame: (bytes) => void frames.push(bytes),
  })
  const expected = [frameOf(10, 1), frameOf(20, 2)]
  feed(reader, streamOf(expected), () => 100)
  assert.equal(frames.length, 0)
  reader.resume()
  reader.resume()
  reader.resume()
  assertFrames(frames, expected)
})

test('a frame that has to wait is announced again, wherever its beginning was split', () => {
  const expected = [frameOf(10, 1), frameOf(20_000, 2), frameOf(30, 3)]
  const stream = streamOf(expected)
  for (const piece of [1, 3, 7, 8, 11, 100_000]) {
    const frames: Uint8Array[] = []
    let asked = 0
    const reader = new FrameReader(new ReceiveMemory(), {
      begins: () => (asked++ % 3 < 2 ? 'wait' : 'accept'),
      frame: (bytes) => void frames.push(bytes),
    })
    feed(reader, stream, () => piece)
    for (let time = 0; time < 6; time++) reader.resume()
    assertFrames(frames, expected)
    assert.equal(asked, 9)
  }
})
