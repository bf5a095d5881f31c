/** What the rounds of one row say: medians, their ratio, and whether the goal is met. */

import type { BrokerName } from './broker.ts'
import type { Figures } from './cases/case.ts'
import type { Goal, Row } from './rows.ts'
import { median } from './statistics.ts'

/** Figures of the rounds of one case, in the order they were run. */
export type Rounds = Readonly<Partial<Record<BrokerName, readonly Figures[]>>>

/** `unsteady`: the median meets the goal, but some round missed it by more than 15 %. */
export type Verdict = 'met' | 'unsteady' | 'missed'

/** A row of the table. */
export interface Judged {
  readonly moldau: Spread
  readonly kafka: Spread | undefined
  /** Moldau's median divided by Kafka's. */
  readonly ratio: number | undefined
  /** Undefined where there is no goal, or none that can be judged without Kafka. */
  readonly verdict: Verdict | undefined
}

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

const WORST_ROUND_SHARE = 0.85

/** @returns undefined when the row was not measured. */
export function judge(row: Row, rounds: Rounds): Judged | undefined {
  const ours = valuesOf(row, rounds.moldau)
  const theirs = valuesOf(row, rounds.kafka)
  if (ours.length === 0) return undefined
  const moldau = spread(ours)
  const kafka = theirs.length === 0 ? undefined : spread(theirs)
  const ratio = kafka && moldau.median / kafka.median
  const { goal } = row
  if (!goal) return { moldau, kafka, ratio, verdict: undefined }
  if (goal.against === 'nothing')
    return { moldau, kafka, ratio, verdict: verdictOn(goal, moldau.median, ours) }
  if (ratio === undefined) return { moldau, kafka, ratio, verdict: undefined }
  // The two runs of a round are neighbours in time, so they are compared with each other.
  const ratios = ours.slice(0, theirs.length).map((value, index) => value / theirs[index]!)
  return { moldau, kafka, ratio, verdict: verdictOn(goal, ratio, ratios) }
}

function valuesOf(row: Row, rounds: readonly Figures[] = []): number[] {
  return rounds.map((figures) => figures[row.figure]).filter((value) => value !== undefined)
}

function spread(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) }
}

function verdictOn({ bound, value }: Goal, middle: number, all: readonly number[]): Verdict {
  if (bound === 'at least') {
    if (middle < value) return 'missed'
    return Math.min(...all) < value * WORST_ROUND_SHARE ? 'unsteady' : 'met'
  }
  if (middle > value) return 'missed'
  return Math.max(...all) > value / WORST_ROUND_SHARE ? 'unsteady' : 'met'
}
