/** The records that every client sends and reads back: one row per thing that could be lost. */

import { type Codec, codecs, type TestRecord, type Traits } from './client.ts'

/** Records of one kind, sent in one call and read back from every partition. */
export interface RoundTrip {
  /** What holds when the row passes. */
  readonly rule: string
  readonly partitions: number
  readonly codec: Codec
  readonly config: Readonly<Record<string, string>>
  /** The traits without which a client skips the row. */
  readonly needs: readonly (keyof Traits)[]
  readonly records: () => readonly TestRecord[]
}

/** Above 10 MB by what batch, record and incompressible data add. */
const roomForLarge = { 'max.message.bytes': `${12 * 1024 * 1024}` }

const row = (
  rule: string,
  records: () => readonly TestRecord[],
  rest: Partial<Omit<RoundTrip, 'rule' | 'records'>> = {},
): RoundTrip => ({ rule, records, partitions: 1, codec: 'none', config: {}, needs: [], ...rest })

export const roundTrips: readonly RoundTrip[] = [
  ...codecs.map((codec) =>
    row(`a thousand records in ${codec} come back as they were`, () => mixture(1000), { codec }),
  ),
  row('headers keep their names, values and order', () => withHeaders(50), { needs: ['headers'] }),
  row('a header value may be any bytes', () => binaryHeaders(), { needs: ['binaryHeaders'] }),
  row('a null header value stays null', () => nullHeaders(), { needs: ['nullHeaders'] }),
  row('null stays null and empty stays empty', () => nullsAndEmpties(), { needs: ['nulls'] }),
  row('timestamps are those of the producer', () => withTimestamps(100), { needs: ['timestamps'] }),
  ...[0, 1, 100, 10_000, 1_000_000, 10_000_000].map((size) =>
    row(`a value of ${size} bytes comes back`, () => [record('size', bytes(size, size + 1))], {
      config: roomForLarge,
    }),
  ),
  row('a value of 10 MB in zstd comes back', () => [record('size', bytes(10_000_000, 7))], {
    config: roomForLarge,
    codec: 'zstd',
  }),
  row('a key of 100 kB comes back', () => [{ ...record('', 'value'), key: bytes(100_000, 3) }]),
  ...[3, 100].map((partitions) =>
    row(`${partitions} partitions each keep their records`, () => spread(partitions), {
      partitions,
    }),
  ),
  ...codecs.map((codec) =>
    row(`what a topic stores as ${codec} is what was sent as gzip`, () => mixture(200), {
      codec: 'gzip',
      config: { 'compression.type': codec === 'none' ? 'uncompressed' : codec },
    }),
  ),
  row('records stamped by the broker keep all else', () => mixture(100), {
    config: { 'message.timestamp.type': 'LogAppendTime' },
  }),
]

/** Bytes that do not compress, the same for the same seed. */
export function bytes(count: number, seed: number): Buffer {
  const made = Buffer.allocUnsafe(count)
  const next = random(seed)
  let at = 0
  for (; at + 4 <= count; at += 4) made.writeUInt32LE(next(), at)
  for (; at < count; at++) made[at] = next() & 0xff
  return made
}

/** Whole numbers in [0, 2^32) that depend on nothing but the seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

const text = (content: string): Buffer => Buffer.from(content)

export function record(key: string | null, value: Buffer | string | null): TestRecord {
  return {
    key: key === null ? null : text(key),
    value: typeof value === 'string' ? text(value) : value,
    headers: [],
    partition: 0,
  }
}

/** Keys that repeat, values of many lengths, some of them not UTF-8. */
function mixture(count: number): TestRecord[] {
  return Array.from({ length: count }, (_, i) =>
    record(
      `key-${i % 17}`,
      i % 5 === 0 ? bytes((i % 211) + 1, i + 1) : `value ${i} äöü € 𝄞 ${'-'.repeat(i % 97)}`,
    ),
  )
}

function withHeaders(count: number): TestRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    ...record(`key-${i}`, `value ${i}`),
    headers: Array.from(
      { length: i % 6 },
      (_, h) => [`h${h}-ü`, text(`v${i} €`.repeat(h))] as const,
    ),
  }))
}

function binaryHeaders(): TestRecord[] {
  return [{ ...record('k', 'v'), headers: [['bytes', bytes(1000, 5)]] }]
}

function nullHeaders(): TestRecord[] {
  return [
    {
      ...record('k', 'v'),
      headers: [
        ['none', null],
        ['empty', Buffer.alloc(0)],
        ['some', text('x')],
      ],
    },
  ]
}

function nullsAndEmpties(): TestRecord[] {
  const choices = [null, '', 'x']
  return choices.flatMap((key) => choices.map((value) => record(key, value)))
}

function withTimestamps(count: number): TestRecord[] {
  const startMs = Date.now() - 86_400_000
  return Array.from({ length: count }, (_, i) => ({
    ...record(`key-${i}`, `value ${i}`),
    timestampMs: startMs + i * 1000,
  }))
}

function spread(partitions: number): TestRecord[] {
  return Array.from({ length: partitions * 5 }, (_, i) => ({
    ...record(`key-${i}`, `value ${i}`),
    partition: (i * 7) % partitions,
  }))
}
