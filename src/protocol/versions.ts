/** Ranges of message versions, written as Kafka writes them: '0-4', '3+', '2', 'none'. */

/** All versions from `from` to `to`, both included; empty when `to` is below `from`. */
export interface VersionRange {
  readonly from: number
  readonly to: number
}

/** The form in which ranges are declared. */
export type Versions = `${number}-${number}` | `${number}+` | `${number}` | 'none'

/** Above every version: an int16 is the widest a version gets. */
export const LATEST = 32_767
const NO_VERSIONS: VersionRange = { from: 0, to: -1 }

export function versionRange(text: Versions): VersionRange {
  if (text === 'none') return NO_VERSIONS
  const parts = /^(\d+)(\+|-(\d+))?$/.exec(text)
  if (parts === null) throw new TypeError(`'${text}' is not a version range`)
  const from = Number(parts[1])
  if (parts[2] === '+') return { from, to: LATEST }
  return { from, to: parts[3] === undefined ? from : Number(parts[3]) }
}

export function includes(range: VersionRange, version: number): boolean {
  return version >= range.from && version <= range.to
}
