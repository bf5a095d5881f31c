import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { groupSegments } from './segment-groups.ts'

const limits = { segmentBytes: 100, indexBytes: 50, endOffset: 1_000 }

const segment = fc.record({
  gap: fc.integer({ min: 1, max: 2 ** 30 }),
  sizeBytes: fc.nat(120),
  offsetIndexBytes: fc.nat(40),
  timeIndexBytes: fc.nat(40),
})

test('groups hold all segments in order, fit the limits, and are as large as they can be', () => {
  const property = fc.property(fc.array(segment, { maxLength: 20 }), (found) => {
    let baseOffset = 0
    const segments = found.map(({ gap, ...rest }) => {
      baseOffset += gap
      return { baseOffset, ...rest }
    })
    const endOffset = baseOffset + 10
    const groups = groupSegments(segments, { ...limits, endOffset })
    assert.deepEqual(groups.flat(), segments)
    for (const [index, group] of groups.entries()) {
      const end = groups[index + 1]?.[0]?.baseOffset ?? endOffset
      assert.ok(group.length === 1 || fits(group, end))
      const next = groups[index + 1]
      if (!next) continue
      const after = next[1]?.baseOffset ?? groups[index + 2]?.[0]?.baseOffset ?? endOffset
      assert.ok(!fits([...group, next[0]!], after), 'the next segment would have fitted')
    }
  })
  fc.assert(property)
})

interface Sizes {
  readonly baseOffset: number
  readonly sizeBytes: number
  readonly offsetIndexBytes: number
  readonly timeIndexBytes: number
}

function fits(group: readonly Sizes[], endOffset: number): boolean {
  const sum = (of: (one: Sizes) => number) => group.reduce((total, one) => total + of(one), 0)
  const isNarrow = endOffset - 1 - group[0]!.baseOffset <= 0x7fff_ffff
  return (
    sum(({ sizeBytes }) => sizeBytes) <= limits.segmentBytes &&
    sum(({ offsetIndexBytes }) => offsetIndexBytes) <= limits.indexBytes &&
    sum(({ timeIndexBytes }) => timeIndexBytes) <= limits.indexBytes &&
    (isNarrow || group.at(-1)!.sizeBytes === 0)
  )
}
