import { assert } from '../kernel/assert.ts'
import { readInt32 } from '../kernel/bytes.ts'
import type { Environment, Socket, Timer } from '../kernel/environment.ts'
import { errors, KafkaError } from '../protocol/errors.ts'
import { decodeResponse, encodeRequest } from '../protocol/frame.ts'
import type { Api, RequestInput, ResponseOf } from '../protocol/schema.ts'
import { FrameReader } from './frame-reader.ts'
import { ReceiveMemory } from './receive-memory.ts'

export interface RequesterOptions {
  readonly environment: Pick<Environment, 'clock' | 'timers' | 'network'>
  /** Told to the broker with every request. */
  readonly clientId: string | null
  /** What a request has for its answer, unless it says otherwise. */
  readonly requestTimeoutMs: number
  /** Largest answer that is read; INT32_MAX when absent. Memory grows with what arrives only. */
  readonly responseMaxBytes?: number
  /** Shared by connections of one event loop. */
  readonly receiveMemory?: ReceiveMemory
}

export interface SendOptions {
  readonly timeoutMs?: number
  /** Gives up waiting; the request itself may still be carried out. */
  readonly signal?: AbortSignal
}

/** Requests that may wait for answers on one connection: a defect of the caller beyond it. */
const MAX_IN_FLIGHT = 10_000

interface Waiting {
  readonly correlationId: number
  /** Takes the answer, or does nothing when nobody waits any more. */
  settle(frame: Uint8Array): void
  fail(error: unknown): void
}

interface Sending {
  sent(): void
  fail(error: unknown): void
}

/**
 * The asking side of one connection to a broker. Requests are sent at once, several may be on their
 * way, and a broker answers them in order. When the connection ends, for whatever reason, everything
 * that waits fails, and the owner makes a new one: nothing is sent twice here.
 */
export class Requester {
  readonly #socket: Socket
  readonly #options: RequesterOptions
  readonly #reader: FrameReader
  /** In the order they were sent. */
  readonly #waiting: Waiting[] = []
  #outgoing: Uint8Array[] = []
  /** Those who wait for the bytes in `#outgoing` to leave, and the same for writes under way. */
  #sending: Sending[] = []
  readonly #unsent: (readonly Sending[])[] = []
  #nextId = 0
  #end: KafkaError | undefined
  readonly #ended = Promise.withResolvers<KafkaError>()

  private constructor(socket: Socket, options: RequesterOptions) {
    this.#socket = socket
    this.#options = options
    const maxBytes = options.responseMaxBytes ?? 0x7fff_ffff
    this.#reader = new FrameReader(options.receiveMemory ?? new ReceiveMemory(), {
      begins: (size) => (size >= 4 && size <= maxBytes ? 'accept' : this.#wrongSize(size)),
      frame: (bytes) => this.#answered(bytes),
    })
    socket.start({
      buffer: () => this.#reader.buffer(),
      received: (count) => this.#reader.received(count),
      drained() {},
      closed: (error) => this.#fail('the connection was closed', error),
    })
  }

  /**
   * Connects to a broker.
   * @throws KafkaError NETWORK_EXCEPTION when that fails, REQUEST_TIMED_OUT after `timeoutMs`, the
   *   signal's reason when it fires.
   */
  static async connect(
    host: string,
    port: number,
    options: RequesterOptions,
    { timeoutMs = options.requestTimeoutMs, signal }: SendOptions = {},
  ): Promise<Requester> {
    const { clock, timers, network } = options.environment
    const abort = new AbortController()
    const follow = () => abort.abort(signal?.reason)
    if (signal?.aborted) throw signal.reason
    signal?.addEventListener('abort', follow, { once: true })
    const timeout = new KafkaError('REQUEST_TIMED_OUT', `no connection to ${host}:${port} in time`)
    const timer = timers.at(clock.monotonic() + timeoutMs, () => abort.abort(timeout))
    try {
      return new Requester(await network.connect(host, port, abort.signal), options)
    } catch (error) {
      if (abort.signal.aborted) throw abort.signal.reason
      throw new KafkaError('NETWORK_EXCEPTION', `no connection to ${host}:${port}`, {
        cause: error,
      })
    } finally {
      timer.cancel()
      signal?.removeEventListener('abort', follow)
    }
  }

  get isOpen(): boolean {
    return this.#end === undefined
  }

  /** Resolves with the reason when the connection is over. */
  get ended(): Promise<KafkaError> {
    return this.#ended.promise
  }

  /** Requests that wait for their answers. */
  get inFlight(): number {
    return this.#waiting.length
  }

  /** Bytes of requests that the system has not taken yet. */
  get waitingBytes(): number {
    return this.#socket.waitingBytes()
  }

  /**
   * Sends a request and waits for its answer.
   * @param request byte arrays in it must not change until the answer.
   * @throws KafkaError as `encodeRequest` and `decodeResponse` do; NETWORK_EXCEPTION when the
   *   connection ends first; REQUEST_TIMED_OUT, which ends the connection, because all later answers
   *   are behind the missing one; the signal's reason when it fires.
   */
  send<A extends Api>(
    api: A,
    apiVersion: number,
    request: RequestInput<A>,
    { timeoutMs = this.#options.requestTimeoutMs, signal }: SendOptions = {},
  ): Promise<ResponseOf<A>> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw signal.reason
      const correlationId = this.#write(api, apiVersion, request)
      const { clock, timers } = this.#options.environment
      const late = () => this.#late(api.name, timeoutMs)
      const timer: Timer = timers.at(clock.monotonic() + timeoutMs, late)
      const fail = (error: unknown) => {
        timer.cancel()
        signal?.removeEventListener('abort', abandon)
        reject(error)
      }
      const abandon = () => reject(signal?.reason)
      signal?.addEventListener('abort', abandon, { once: true })
      const settle = (frame: Uint8Array) => {
        timer.cancel()
        signal?.removeEventListener('abort', abandon)
        resolve(decodeResponse(api, answerVersion(api, apiVersion, frame), frame))
      }
      this.#waiting.push({ correlationId, settle: trying(settle, reject), fail })
    })
  }

  /**
   * Sends a request that the broker does not answer (Produce with acks=0).
   * @returns when its bytes have been handed to the system.
   */
  sendWithoutAnswer<A extends Api>(
    api: A,
    apiVersion: number,
    request: RequestInput<A>,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#write(api, apiVersion, request)
      this.#sending.push({ sent: resolve, fail: reject })
    })
  }

  /** Ends the connection; what waits fails. */
  close(): void {
    this.#fail('this side closed the connection', undefined)
  }

  #write<A extends Api>(api: A, apiVersion: number, request: RequestInput<A>): number {
    if (this.#end) throw this.#end
    assert(this.#waiting.length < MAX_IN_FLIGHT, `more than ${MAX_IN_FLIGHT} requests in flight`)
    const correlationId = this.#nextId
    const { clientId, environment } = this.#options
    const chunks = encodeRequest(api, apiVersion, correlationId, clientId, request)
    this.#nextId = (correlationId + 1) & 0x7fff_ffff
    if (this.#outgoing.length === 0) environment.timers.afterTurn(() => this.#flush())
    this.#outgoing.push(...chunks)
    return correlationId
  }

  /** Sends all requests of one turn in one write. */
  #flush(): void {
    if (this.#end) return
    this.#unsent.push(this.#sending)
    this.#sending = []
    const chunks = this.#outgoing
    this.#outgoing = []
    this.#socket.write(chunks, () => {
      for (const { sent } of this.#unsent.shift() ?? []) sent()
    })
  }

  #answered(frame: Uint8Array): void {
    const correlationId = readInt32(frame, 0)
    const waiting = this.#waiting.shift()
    if (waiting?.correlationId === correlationId) waiting.settle(frame)
    else {
      waiting?.fail(this.#fail(`an answer to ${correlationId} came out of order`, undefined))
    }
  }

  #late(name: string, timeoutMs: number): void {
    this.#finish(new KafkaError('REQUEST_TIMED_OUT', `${name} was not answered in ${timeoutMs} ms`))
  }

  #wrongSize(size: number): 'refuse' {
    this.#fail(`an answer of ${size} bytes was announced`, undefined)
    return 'refuse'
  }

  #fail(reason: string, cause: Error | undefined): KafkaError {
    const { remoteHost, remotePort } = this.#socket
    const detail = `${remoteHost}:${remotePort}: ${reason}`
    return this.#finish(new KafkaError('NETWORK_EXCEPTION', detail, { cause }))
  }

  #finish(error: KafkaError): KafkaError {
    if (this.#end) return this.#end
    this.#end = error
    this.#reader.stop()
    this.#socket.destroy()
    const all = [...this.#waiting.splice(0), ...this.#unsent.splice(0).flat(), ...this.#sending]
    for (const { fail } of all) fail(error)
    this.#ended.resolve(error)
    return error
  }
}

const API_VERSIONS_KEY = 18

/** A broker that does not know the version of an ApiVersions request answers in version 0. */
function answerVersion(api: Api, apiVersion: number, frame: Uint8Array): number {
  if (api.key !== API_VERSIONS_KEY || frame.length < 6) return apiVersion
  const errorCode = (frame[4]! << 8) | frame[5]!
  return errorCode === errors.UNSUPPORTED_VERSION.code ? 0 : apiVersion
}

/** An answer that cannot be decoded fails its own request, not the connection. */
function trying(run: (frame: Uint8Array) => void, fail: (error: unknown) => void) {
  return (frame: Uint8Array) => {
    try {
      run(frame)
    } catch (error) {
      fail(error)
    }
  }
}
