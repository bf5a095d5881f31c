/** `results.json`: the figures of every round, from which `RESULTS.md` is made. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Rounds } from './judge.ts'
import type { Machine } from './machine.ts'

/** One case as it was last measured, pinned or not. */
export interface Measured {
  readonly caseName: string
  readonly isPinned: boolean
  readonly isQuick: boolean
  /** ISO 8601. */
  readonly date: string
  readonly machine: Machine
  /** The client with its version, or `OWN_CLIENT`. */
  readonly client: string
  /** Version of Kafka, absent when only Moldau was run. */
  readonly kafka?: string
  readonly rounds: Rounds
}

export const OWN_CLIENT = 'bench/clients'

const path = join(import.meta.dirname, 'results.json')

/** Everything measured so far. */
export function readResults(): Measured[] {
  // Written by `writeResults` alone.
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Measured[]) : []
}

/** The newer of two measurements of the same case wins; the others stay. */
export function merge(old: readonly Measured[], fresh: readonly Measured[]): Measured[] {
  const key = ({ caseName, isPinned }: Measured): string => `${caseName} ${isPinned}`
  return [...new Map([...old, ...fresh].map((measured) => [key(measured), measured])).values()]
}

export function writeResults(results: readonly Measured[]): void {
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(4)) : value
  writeFileSync(path, `${JSON.stringify(results, rounded, 2)}\n`)
}
