import { nearest } from '../config/suggest.ts'

/** Half a sentence with the name that was probably meant, or nothing. */
export function suggestion(given: string, known: Iterable<string>): string {
  const meant = nearest(given, known)
  return meant === undefined ? '' : `; did you mean '${meant}'?`
}
