import type { ReceiveMemory } from '../network/receive-memory.ts'
import { Requester } from '../network/requester.ts'
import { apiVersions } from '../protocol/api/18-api-versions.ts'
import { type ErrorName, errorName, type KafkaError } from '../protocol/errors.ts'
import type { Api, RequestInput, ResponseOf } from '../protocol/schema.ts'
import { type Address, addressText } from './address.ts'
import { commonVersion, type ServedVersions, servedVersions } from './api-versions.ts'
import type { ClientSettings } from './client-settings.ts'
import { diagnostics } from './diagnostics.ts'
import { clientError, inPlace, type Place } from './errors.ts'

/** What a caller asks of one request. */
export interface AskOptions {
  /** What it has for its answer; `request.timeout.ms` when absent. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** The newest version that the caller can use. */
  readonly newestVersion?: number | undefined
}

/** Told with ApiVersions (KIP-511). */
const SOFTWARE = { clientSoftwareName: 'moldau', clientSoftwareVersion: '0.1.0' } as const

/** One open connection to a broker, whose versions are known. Nothing is sent twice here. */
export class BrokerConnection {
  /** `host:port (broker 3)`, for people. */
  readonly name: string
  readonly nodeId: number | undefined
  readonly #requester: Requester
  readonly #served: ServedVersions
  readonly #settings: ClientSettings
  /** When it was used last, on the monotonic clock. */
  lastUsedMs: number

  private constructor(
    requester: Requester,
    served: ServedVersions,
    settings: ClientSettings,
    name: string,
    nodeId: number | undefined,
  ) {
    this.#requester = requester
    this.#served = served
    this.#settings = settings
    this.name = name
    this.nodeId = nodeId
    this.lastUsedMs = settings.environment.clock.monotonic()
  }

  /**
   * Connects and asks for the versions.
   * @param setupMs what the connection has to be made; the versions have `request.timeout.ms` more.
   * @throws RetriableError when that fails, FatalError when the peer speaks no common version.
   */
  static async open(
    address: Address,
    nodeId: number | undefined,
    settings: ClientSettings,
    receiveMemory: ReceiveMemory,
    setupMs: number,
    signal: AbortSignal,
  ): Promise<BrokerConnection> {
    const { environment, clientId, requestTimeoutMs } = settings
    const name = addressText(address) + (nodeId === undefined ? '' : ` (broker ${nodeId})`)
    let requester: Requester | undefined
    try {
      requester = await Requester.connect(
        address.host,
        address.port,
        { environment, clientId, requestTimeoutMs, receiveMemory },
        { timeoutMs: setupMs, signal },
      )
      const served = await negotiate(requester, name, signal)
      return new BrokerConnection(requester, served, settings, name, nodeId)
    } catch (error) {
      requester?.close()
      throw inPlace(error, { broker: name })
    }
  }

  get isOpen(): boolean {
    return this.#requester.isOpen
  }

  /** Resolves with the reason when it is over. */
  get ended(): Promise<KafkaError> {
    return this.#requester.ended
  }

  get inFlight(): number {
    return this.#requester.inFlight
  }

  /** The version in which `api` is asked here. @returns undefined when there is no common one. */
  versionOf(api: Api, newest?: number): number | undefined {
    return commonVersion(this.#served, api, newest)
  }

  /** As `versionOf`. @throws FatalError UNSUPPORTED_VERSION */
  requireVersion(api: Api, newest?: number): number {
    const version = this.versionOf(api, newest)
    if (version !== undefined) return version
    const range = this.#served.get(api.key)
    const serves = range === undefined ? 'not at all' : `in versions ${range.from} to ${range.to}`
    const detail = `the broker serves ${api.name} ${serves}.`
    throw clientError('UNSUPPORTED_VERSION', { broker: this.name, api: api.name }, detail)
  }

  /**
   * Sends one request in the newest common version.
   * @throws ClientError with its place; the signal's reason when it fires.
   */
  async ask<A extends Api>(
    api: A,
    request: RequestInput<A>,
    { timeoutMs = this.#settings.requestTimeoutMs, signal, newestVersion }: AskOptions = {},
  ): Promise<ResponseOf<A>> {
    const version = this.requireVersion(api, newestVersion)
    const { clock } = this.#settings.environment
    const startMs = clock.monotonic()
    this.lastUsedMs = startMs
    try {
      const options = signal === undefined ? { timeoutMs } : { timeoutMs, signal }
      const response = await this.#requester.send(api, version, request, options)
      this.#tell(api, version, clock.monotonic() - startMs)
      return response
    } catch (error) {
      const place = { broker: this.name, api: api.name, version }
      this.#tell(api, version, clock.monotonic() - startMs, error)
      throw inPlace(error, place)
    }
  }

  /** Sends a request that is never answered. Resolves when the system has taken its bytes. */
  async tell<A extends Api>(api: A, request: RequestInput<A>): Promise<void> {
    const version = this.requireVersion(api)
    this.lastUsedMs = this.#settings.environment.clock.monotonic()
    try {
      await this.#requester.sendWithoutAnswer(api, version, request)
    } catch (error) {
      throw inPlace(error, { broker: this.name, api: api.name, version })
    }
  }

  /** What an error of this connection says of its place. */
  place(api: Api): Place {
    return { broker: this.name, api: api.name, version: this.versionOf(api) }
  }

  close(): void {
    this.#requester.close()
  }

  #tell(api: Api, version: number, durationMs: number, error?: unknown): void {
    if (!diagnostics.request.hasSubscribers) return
    const { clientId } = this.#settings
    const failed = error === undefined ? {} : { error }
    const told = { clientId, broker: this.name, api: api.name, version, durationMs, ...failed }
    diagnostics.request.publish(told)
  }
}

/** Asks in the newest version, and, where the broker does not know that one, in the newest it names. */
async function negotiate(
  requester: Requester,
  broker: string,
  signal: AbortSignal,
): Promise<ServedVersions> {
  let version = apiVersions.latestStable
  for (let attempt = 0; attempt < 2; attempt++) {
    const answer = await requester.send(apiVersions, version, SOFTWARE, { signal })
    const error: ErrorName = errorName(answer.errorCode)
    if (error === 'NONE') return servedVersions(answer.apiKeys)
    if (error !== 'UNSUPPORTED_VERSION') {
      throw clientError(error, { broker, api: apiVersions.name, version })
    }
    version = commonVersion(servedVersions(answer.apiKeys), apiVersions) ?? 0
  }
  throw clientError('UNSUPPORTED_VERSION', { broker, api: apiVersions.name, version })
}
