import type { Api } from '../protocol/schema.ts'

/** What one broker serves, by key. */
export type ServedVersions = ReadonlyMap<number, { readonly from: number; readonly to: number }>

/** The form of an answer to ApiVersions. */
interface Offer {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}

export function servedVersions(offers: readonly Offer[]): ServedVersions {
  return new Map(
    offers.map(({ apiKey, minVersion, maxVersion }) => [
      apiKey,
      { from: minVersion, to: maxVersion },
    ]),
  )
}

/**
 * The newest version that both sides speak.
 * @param newest the newest that the caller can use; its own newest stable one when absent.
 * @returns undefined when there is none.
 */
export function commonVersion(
  served: ServedVersions,
  api: Api,
  newest: number = api.latestStable,
): number | undefined {
  const range = served.get(api.key)
  if (range === undefined) return undefined
  const version = Math.min(range.to, newest, api.latestStable)
  return version >= Math.max(range.from, api.versions.from) ? version : undefined
}
