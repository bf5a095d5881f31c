/**
 * Tagged fields that a newer peer sent and we do not know (KIP-482). They are kept beside the
 * value, as views of the frame, so that what is decoded and encoded again is the same bytes.
 */

/** One such field: its number and its bytes. */
export interface UnknownTag {
  readonly tag: number
  readonly bytes: Uint8Array
}

/** A symbol, so that they never collide with a field and never show up in its listing. */
const key: unique symbol = Symbol('unknown tagged fields')

interface Holder {
  [key]?: readonly UnknownTag[]
}

const none: readonly UnknownTag[] = []

/** The unknown tagged fields that came with a decoded struct, by ascending tag. */
export function unknownTags(value: object): readonly UnknownTag[] {
  // Any object may hold them; the symbol is private to this file.
  return (value as Holder)[key] ?? none
}

/** Attaches unknown tagged fields to a struct; they are written with it. */
export function attachUnknownTags(value: object, tags: readonly UnknownTag[]): void {
  ;(value as Holder)[key] = tags
}
