/**
 * States what must hold at this point. A failure is a defect of ours, never of a peer or of the
 * environment: nobody catches it, the process ends, and the log is the recovery (STYLE rule 9).
 * @param message the thing, the value and the bound, as a sentence.
 * @throws InvariantError when `condition` is false.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}

/** The end of a `switch` over a sum type: the compiler refuses it while a case is missing. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable value ${JSON.stringify(value)}`)
}

/** A broken promise inside this program. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}
