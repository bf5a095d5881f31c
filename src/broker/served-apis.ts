import type { Handler } from './handler.ts'

/** A served API as ApiVersions lists it. */
export interface ServedRange {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}

/**
 * Versions below the lowest that is served, offered all the same because old librdkafka takes their
 * absence for a broker without the message format that it wants (KAFKA-18659). They are refused.
 */
const offeredFrom: Readonly<Record<number, number>> = { 0: 0 }

/** The APIs of a broker: what it offers follows from what handlers it has. */
export class ServedApis {
  readonly ranges: readonly ServedRange[]
  readonly #handlers = new Map<number, Handler>()

  constructor(handlers: readonly Handler[]) {
    for (const handler of handlers) this.#handlers.set(handler.api.key, handler)
    this.ranges = handlers
      .map(({ api }) => ({
        apiKey: api.key,
        minVersion: offeredFrom[api.key] ?? api.versions.from,
        maxVersion: api.latestStable,
      }))
      .sort((a, b) => a.apiKey - b.apiKey)
  }

  get handlers(): Iterable<Handler> {
    return this.#handlers.values()
  }

  handlerOf(apiKey: number): Handler | undefined {
    return this.#handlers.get(apiKey)
  }
}
