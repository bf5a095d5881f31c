import type { NetworkLimits } from './limits.ts'

type Limits = Pick<
  NetworkLimits,
  'maxConnections' | 'maxConnectionsPerHost' | 'maxConnectionsByHost'
>

/** Counts connections, all of them and by the address they come from. */
export class ConnectionQuota {
  readonly #byHost = new Map<string, number>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Counts one more. @returns why it must not be, or undefined when it was counted. */
  take(host: string, limits: Limits): string | undefined {
    const ofHost = this.#byHost.get(host) ?? 0
    const maxOfHost = limits.maxConnectionsByHost.get(host) ?? limits.maxConnectionsPerHost
    if (ofHost >= maxOfHost) return `its address has ${ofHost} connections, the limit`
    if (this.#count >= limits.maxConnections) {
      return `the broker has ${this.#count} connections, the limit (max.connections)`
    }
    this.#byHost.set(host, ofHost + 1)
    this.#count++
    return undefined
  }

  giveBack(host: string): void {
    const ofHost = this.#byHost.get(host) ?? 0
    if (ofHost <= 1) this.#byHost.delete(host)
    else this.#byHost.set(host, ofHost - 1)
    this.#count--
  }
}
