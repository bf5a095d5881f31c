import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberText, resultsDocument } from './report.ts'
import { type Measured, merge } from './store.ts'

const machine = {
  processor: '2 × P',
  memory: '8 GB',
  system: 'L',
  disk: 'd',
  node: 'v24',
  moldau: 'm',
}
const figures = (value: number) => [{ produceMegabytesPerSecond: value, loadAverage: 0.5 }]
const measured = (caseName: string, moldau: number, kafka: number): Measured => ({
  caseName,
  isPinned: true,
  isQuick: false,
  date: '2026-01-02T03:04:05Z',
  machine,
  client: 'a client',
  kafka: '4.3.1',
  rounds: { moldau: figures(moldau), kafka: figures(kafka) },
})

test('numbers keep what can be trusted of them', () => {
  const texts = [1_234_567, 573.4, 12.345, 0.5678, 0].map(numberText)
  assert.deepEqual(texts, ['1,230,000', '573', '12.3', '0.57', '0'])
})

test('a document shows what was reached, and lists what was missed in words', () => {
  const text = resultsDocument([measured('16k', 1000, 500), measured('idempotent', 300, 200)])
  assert.match(
    text,
    /\| produce 16 KB, acks=1 \| ≥ 1.3 × \| 1,000 MB\/s \(1,000–1,000\) \| 500 .* \| 2 × \| yes \|/,
  )
  assert.match(text, /- produce 1 KB, acks=-1, idempotent \(pinned\): 1.5 ×, goal ≥ 2 ×\./)
  assert.match(text, /\| idle memory, checkout \| ≤ 90 MB \| not measured \|/)
})

test('a new measurement replaces the old one of the same case and leaves the others', () => {
  const results = merge([measured('1k', 1, 1), measured('16k', 1, 1)], [measured('1k', 2, 1)])
  assert.deepEqual(
    results.map(({ caseName, rounds }) => [
      caseName,
      rounds.moldau?.[0]?.produceMegabytesPerSecond,
    ]),
    [
      ['1k', 2],
      ['16k', 1],
    ],
  )
})
