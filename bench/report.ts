/** The table, for the terminal and for `RESULTS.md`. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Judged, judge, type Spread, type Verdict } from './judge.ts'
import type { Goal, Row, Unit } from './rows.ts'
import { rows } from './rows.ts'
import { median } from './statistics.ts'
import type { Measured } from './store.ts'

const verdictWords: Record<Verdict, string> = {
  met: 'yes',
  unsteady: 'yes, but not in every round',
  missed: '**no**',
}

/** The rows of one case, as lines of text. */
export function caseLines(measured: Measured): string[] {
  return rows
    .filter(({ caseName }) => caseName === measured.caseName)
    .flatMap((row) => {
      const judged = judge(row, measured.rounds)
      return judged ? [cells(row, judged).join('  ·  ').replaceAll('**', '')] : []
    })
}

/** Writes `RESULTS.md`. */
export function writeReport(results: readonly Measured[]): void {
  writeFileSync(join(import.meta.dirname, 'RESULTS.md'), resultsDocument(results))
}

/** The whole document. */
export function resultsDocument(results: readonly Measured[]): string {
  const table = (isPinned: boolean): string[] => tableLines(results, isPinned)
  return [
    '# How fast Moldau is, beside Apache Kafka',
    '',
    'Made by `npm run bench -- --write` from `results.json`, which has every round of every figure.',
    'What is measured and how: [README.md](README.md). Shown: median (smallest to largest round).',
    'A goal of "2 ×" is Moldau\'s median divided by Kafka\'s. Quick runs are marked and prove nothing.',
    '',
    ...machineLines(results),
    '',
    '## Client and broker on one core each',
    '',
    ...table(true),
    '',
    '## Not pinned: client and broker share all cores',
    '',
    ...table(false),
    '',
    '## Goals that are missed',
    '',
    ...missedLines(results),
    '',
    '## Repeat',
    '',
    '```',
    'npm run bench -- --write               # everything, about two hours',
    'npm run bench -- --only 1k,idle        # some cases, nothing written',
    'npm run bench -- --quick               # a few minutes, to see that it works',
    '```',
    '',
  ].join('\n')
}

function machineLines(results: readonly Measured[]): string[] {
  const newest = results.toSorted((a, b) => a.date.localeCompare(b.date)).at(-1)
  if (!newest) return ['Nothing has been measured.']
  const { machine } = newest
  const clients = new Set(results.map(({ client }) => client))
  const kafka = results.findLast((measured) => measured.kafka)?.kafka
  const dates = results.map(({ date }) => date.slice(0, 10)).toSorted()
  const loads = results.flatMap(({ rounds }) =>
    [...(rounds.moldau ?? []), ...(rounds.kafka ?? [])].map(({ loadAverage = 0 }) => loadAverage),
  )
  return [
    '| | |',
    '|---|---|',
    `| machine | ${machine.processor}, ${machine.memory}, ${machine.system} |`,
    `| data directories | ${machine.disk} |`,
    `| Moldau | ${machine.moldau}, Node ${machine.node}, default configuration |`,
    `| Kafka | ${kafka ? `${kafka}, one KRaft node, heap 1 GB, default configuration` : 'not run'} |`,
    `| clients | ${[...clients].join(', ')} |`,
    `| measured | ${[...new Set([dates[0], dates.at(-1)])].join(' to ')} |`,
    `| load average before a round | median ${median(loads).toFixed(1)}, most ${Math.max(...loads).toFixed(1)} |`,
  ]
}

function tableLines(results: readonly Measured[], isPinned: boolean): string[] {
  return [
    '| what | goal | Moldau | Kafka | ratio | met |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => {
      const measured = results.find((m) => m.caseName === row.caseName && m.isPinned === isPinned)
      const judged = measured && judge(row, measured.rounds)
      const shown = judged
        ? cells(row, judged)
        : [row.what, goalText(row), 'not measured', '', '', '']
      if (measured?.isQuick) shown[0] += ' (quick run)'
      return `| ${shown.join(' | ')} |`
    }),
  ]
}

function missedLines(results: readonly Measured[]): string[] {
  const lines = results.flatMap((measured) =>
    rows
      .filter(({ caseName }) => caseName === measured.caseName)
      .flatMap((row) => {
        const judged = judge(row, measured.rounds)
        if (judged?.verdict !== 'missed') return []
        const reached =
          row.goal?.against === 'kafka' ? times(judged.ratio) : spreadText(judged.moldau, row.unit)
        const where = measured.isPinned ? 'pinned' : 'not pinned'
        const why = row.whyMissed ? ` ${row.whyMissed}` : ''
        return [`- ${row.what} (${where}): ${reached}, goal ${goalText(row)}.${why}`]
      }),
  )
  return lines.length === 0 ? ['None of those measured.'] : lines
}

function cells(row: Row, { moldau, kafka, ratio, verdict }: Judged): string[] {
  return [
    row.what,
    goalText(row),
    spreadText(moldau, row.unit),
    kafka ? spreadText(kafka, row.unit) : '–',
    times(ratio),
    verdict ? verdictWords[verdict] : '–',
  ]
}

function goalText({ goal, unit }: Row): string {
  if (!goal) return '–'
  const sign: Record<Goal['bound'], string> = { 'at least': '≥', 'at most': '≤' }
  const value = goal.against === 'kafka' ? `${goal.value} ×` : `${goal.value} ${unit}`.trim()
  return `${sign[goal.bound]} ${value}`
}

function times(ratio: number | undefined): string {
  return ratio === undefined || !Number.isFinite(ratio) ? '–' : `${numberText(ratio)} ×`
}

function spreadText({ median: middle, least, most }: Spread, unit: Unit): string {
  return `${numberText(middle)} ${unit} (${numberText(least)}–${numberText(most)})`.replace(
    '  ',
    ' ',
  )
}

/** Three digits that matter, thousands set apart. */
export function numberText(value: number): string {
  if (Math.abs(value) >= 100) return Number(value.toPrecision(3)).toLocaleString('en-US')
  return `${Number(value.toPrecision(value < 1 ? 2 : 3))}`
}
