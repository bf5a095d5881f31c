import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge, type Verdict } from './judge.ts'
import type { Goal, Row } from './rows.ts'

const atLeast = (value: number): Goal => ({ against: 'kafka', bound: 'at least', value })
const atMost = (value: number): Goal => ({ against: 'kafka', bound: 'at most', value })
const absolute = (value: number): Goal => ({ against: 'nothing', bound: 'at most', value })

const rowWith = (goal?: Goal): Row => {
  const row = { what: 'a row', caseName: 'a', figure: 'x', unit: 'ms' } as const
  return goal ? { ...row, goal } : row
}

interface Example {
  readonly rule: string
  readonly goal?: Goal
  readonly moldau: readonly number[]
  readonly kafka: readonly number[]
  readonly verdict: Verdict | undefined
}

const examples: readonly Example[] = [
  {
    rule: 'the median decides',
    goal: atLeast(2),
    moldau: [4, 4, 4],
    kafka: [2, 2, 2],
    verdict: 'met',
  },
  {
    rule: 'less than asked is missed',
    goal: atLeast(2),
    moldau: [3],
    kafka: [2],
    verdict: 'missed',
  },
  {
    rule: 'one bad round is told',
    goal: atLeast(2),
    moldau: [4, 2, 4],
    kafka: [2, 2, 2],
    verdict: 'unsteady',
  },
  {
    rule: 'rounds are compared in pairs',
    goal: atLeast(2),
    moldau: [4, 2],
    kafka: [2, 1],
    verdict: 'met',
  },
  {
    rule: 'a bound may be an upper one',
    goal: atMost(0.5),
    moldau: [1],
    kafka: [2],
    verdict: 'met',
  },
  {
    rule: 'above an upper bound is missed',
    goal: atMost(0.5),
    moldau: [2],
    kafka: [2],
    verdict: 'missed',
  },
  {
    rule: 'a round above an upper bound is told',
    goal: absolute(10),
    moldau: [9, 9, 20],
    kafka: [],
    verdict: 'unsteady',
  },
  { rule: 'zero can be asked for', goal: absolute(0), moldau: [0, 0], kafka: [], verdict: 'met' },
  {
    rule: 'no Kafka, no verdict on a ratio',
    goal: atLeast(2),
    moldau: [4],
    kafka: [],
    verdict: undefined,
  },
  { rule: 'no goal, no verdict', moldau: [4], kafka: [2], verdict: undefined },
]

for (const { rule, goal, moldau, kafka, verdict } of examples)
  test(rule, () => {
    const figures = (values: readonly number[]) => values.map((x) => ({ x }))
    const rounds = { moldau: figures(moldau), kafka: figures(kafka) }
    assert.equal(judge(rowWith(goal), rounds)?.verdict, verdict)
  })

test('a row that was not measured is not judged', () => {
  assert.equal(judge(rowWith(), { moldau: [{ y: 1 }] }), undefined)
  assert.equal(judge(rowWith(), {}), undefined)
})
