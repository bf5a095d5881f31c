/** Something that must never happen has happened. Its message says what, where, and what was known. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

/** @throws Violation unless `holds`. */
export function must(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new Violation(message())
}
