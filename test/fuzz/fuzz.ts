/** Runs targets with one seed per attempt, and watches what they throw and how long they take. */
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { KafkaError } from '../../src/protocol/errors.ts'
import type { FuzzTarget } from './target.ts'

/** Longest noise that a target is handed. */
const LONGEST_NOISE_BYTES = 600
/** Far more than any attempt on so few bytes may need, even on a busy machine. */
const LONGEST_ATTEMPT_MS = 1_000

/** What `fuzz` did. */
export interface FuzzResult {
  readonly attempts: number
  /** Attempts that ended in a `KafkaError`. */
  readonly refused: number
}

/**
 * Attempts targets in turn until `isDone`.
 * @param isDone asked before every attempt with how many were made.
 * @throws Error naming target and seed, with the finding as `cause`, at the first one.
 */
export function fuzz(
  targets: readonly FuzzTarget[],
  firstSeed: number,
  isDone: (attempts: number) => boolean,
): FuzzResult {
  let attempts = 0
  let refused = 0
  for (; !isDone(attempts); attempts++) {
    if (attempt(targets[attempts % targets.length]!, firstSeed + attempts)) refused++
  }
  return { attempts, refused }
}

/** One attempt of one target. @returns whether the bytes were refused. */
export function attempt(target: FuzzTarget, seed: number): boolean {
  const random = seededRandom(seed)
  const startMs = performance.now()
  let isRefused = false
  try {
    target.run(random, random.bytes(random.below(LONGEST_NOISE_BYTES)))
  } catch (error) {
    if (!(error instanceof KafkaError)) {
      throw new Error(`${target.name}, seed ${seed}: not a KafkaError`, { cause: error })
    }
    isRefused = true
  }
  const tookMs = performance.now() - startMs
  if (tookMs > LONGEST_ATTEMPT_MS) {
    throw new Error(`${target.name}, seed ${seed}: took ${Math.round(tookMs)} ms`)
  }
  return isRefused
}
