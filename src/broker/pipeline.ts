import { releaseMemory } from '../kernel/buffer-pool.ts'
import type { ConnectionInfo, Respond } from '../network/connection.ts'
import { apiVersions } from '../protocol/api/18-api-versions.ts'
import { errors, KafkaError } from '../protocol/errors.ts'
import {
  decodeRequest,
  decodeRequestBody,
  encodeResponse,
  type IncomingRequest,
} from '../protocol/frame.ts'
import { apiOfKey } from '../protocol/registry.ts'
import { includes } from '../protocol/versions.ts'
import { errorResponse } from './error-response.ts'
import type { Handler, RequestContext } from './handler.ts'
import type { ServedApis } from './served-apis.ts'
import type { BrokerServices } from './services.ts'

type Answer = readonly Uint8Array[] | null

/** A request that waits for earlier ones of its connection. */
interface Waiting {
  readonly handler: Handler | undefined
  readonly start: () => void
}

/** What runs and waits on one connection. */
interface Lane {
  running: number
  /** Of what runs; only a pipelined one may be joined, and only by itself. */
  handler: Handler | undefined
  readonly waiting: Waiting[]
}

/**
 * The way of every request: header, order, handler, answer. Requests of one connection begin in the
 * order they came, each after the one before has been answered; those of a pipelined API may overlap
 * with each other. A fault of ours is thrown out of the loop: the process ends, the log is the recovery.
 */
export class Pipeline {
  readonly #broker: BrokerServices
  readonly #served: ServedApis
  readonly #lanes = new WeakMap<ConnectionInfo, Lane>()

  constructor(broker: BrokerServices, served: ServedApis) {
    this.#broker = broker
    this.#served = served
  }

  /** Takes one complete frame (without its size). The answer comes by `respond`, unless the frame
   *  cannot be answered: then its connection is closed. */
  handle(frame: Uint8Array, connection: ConnectionInfo, respond: Respond): void {
    let request: IncomingRequest
    try {
      request = decodeRequest(frame)
    } catch (error) {
      refuseConnection(connection, 'a request without a readable header', error)
      return
    }
    const handler = this.#served.handlerOf(request.apiKey)
    const lane = this.#laneOf(connection)
    const start = (): void => {
      lane.running += 1
      lane.handler = handler
      void this.#run(request, handler, connection, respond).then(() => ended(lane))
    }
    if (lane.waiting.length === 0 && mayStart(lane, handler)) start()
    else lane.waiting.push({ handler, start })
  }

  #laneOf(connection: ConnectionInfo): Lane {
    let lane = this.#lanes.get(connection)
    if (lane === undefined) {
      lane = { running: 0, handler: undefined, waiting: [] }
      this.#lanes.set(connection, lane)
    }
    return lane
  }

  async #run(
    request: IncomingRequest,
    handler: Handler | undefined,
    connection: ConnectionInfo,
    respond: Respond,
  ): Promise<void> {
    if (connection.signal.aborted) return
    let release: (() => void) | undefined
    const context: RequestContext = {
      broker: this.#broker,
      apiVersion: request.apiVersion,
      clientId: request.clientId,
      connection,
      afterSent: (run) => {
        release = run
      },
    }
    let answer: Answer
    try {
      answer = this.#serves(handler, request.apiVersion)
        ? await handler.answer(request, context)
        : this.#refuseVersion(request)
    } catch (error) {
      release?.()
      refuseConnection(connection, `request ${request.apiKey} v${request.apiVersion}`, error)
      return
    } finally {
      if (handler?.keepsNothing) releaseMemory(request.frame)
    }
    respond(answer, release)
  }

  #serves(handler: Handler | undefined, apiVersion: number): handler is Handler {
    if (handler === undefined) return false
    return apiVersion >= handler.api.versions.from && apiVersion <= handler.api.latestStable
  }

  /**
   * ApiVersions is answered in version 0, with its own versions, so that the client can ask again
   * (KIP-511). An API that Kafka has and this broker does not is refused in its own words. A version
   * of a served API that was never offered ends the connection, as in Kafka.
   * @throws KafkaError UNSUPPORTED_VERSION when there is no way to say it.
   */
  #refuseVersion({ apiKey, apiVersion, correlationId, ...rest }: IncomingRequest): Answer {
    const unsupported = errors.UNSUPPORTED_VERSION.code
    if (apiKey === apiVersions.key) {
      const apiKeys = this.#served.ranges.filter((range) => range.apiKey === apiKey)
      return encodeResponse(apiVersions, 0, correlationId, { errorCode: unsupported, apiKeys })
    }
    const api = apiOfKey(apiKey)
    const refusal = new KafkaError(
      'UNSUPPORTED_VERSION',
      `${api?.name ?? apiKey} v${apiVersion} is not served by this broker`,
    )
    const isServed = this.#served.handlerOf(apiKey) !== undefined
    if (api === undefined || isServed || !includes(api.versions, apiVersion)) throw refusal
    const body = decodeRequestBody(api, { apiKey, apiVersion, correlationId, ...rest })
    return encodeResponse(
      api,
      apiVersion,
      correlationId,
      errorResponse(api, apiVersion, body, refusal),
    )
  }
}

function mayStart(lane: Lane, handler: Handler | undefined): boolean {
  return lane.running === 0 || (handler?.isPipelined === true && lane.handler === handler)
}

function ended(lane: Lane): void {
  lane.running -= 1
  while (lane.waiting.length > 0 && mayStart(lane, lane.waiting[0]!.handler)) {
    lane.waiting.shift()!.start()
  }
}

/** Ends a connection for what it sent. Errors that are not the peer's fault pass through. */
function refuseConnection(connection: ConnectionInfo, what: string, error: unknown): void {
  if (!(error instanceof KafkaError)) throw error
  connection.close(`${what} cannot be answered: ${error.message}`)
}
