import { type ErrorName, KafkaError } from '../protocol/errors.ts'

/** How one item of a request ended. */
export interface Outcome {
  readonly error: ErrorName
  /** One sentence for people; null when there is no error. */
  readonly message: string | null
}

export const SUCCESS: Outcome = { error: 'NONE', message: null }

/** Runs the decision about one item, so that its fault is its own and the others go on. */
export function outcomeOf(decide: () => void): Outcome {
  try {
    decide()
    return SUCCESS
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return { error: error.error, message: error.message }
  }
}

/** The items that occur more than once, each once, in the order of their second occurrence. */
export function duplicatesOf<T>(items: readonly T[]): ReadonlySet<T> {
  const seen = new Set<T>()
  const twice = new Set<T>()
  for (const item of items) {
    if (seen.has(item)) twice.add(item)
    seen.add(item)
  }
  return twice
}
