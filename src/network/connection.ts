import type { Listener } from '../config/listeners.ts'
import type { Clock, Socket, SocketEvents, Timers } from '../kernel/environment.ts'
import type { Deadlines } from './deadlines.ts'
import { foreignProtocol, looksLikeRequest } from './foreign.ts'
import { FrameReader } from './frame-reader.ts'
import type { NetworkLimits } from './limits.ts'
import type { ReceiveMemory } from './receive-memory.ts'
import type { RefusalLog } from './refusal-log.ts'
import type { RequestMemory } from './request-memory.ts'
import { ResponseQueue, type Slot } from './response-queue.ts'

/** A client's connection as request handlers see it. */
export interface ConnectionInfo {
  /** Unique in this process. */
  readonly id: number
  /** The listener it came in by; `port` is the one listened on. */
  readonly listener: Listener
  readonly remoteHost: string
  readonly remotePort: number
  readonly localHost: string
  readonly localPort: number
  /** Fires when the connection is over. */
  readonly signal: AbortSignal
  /** Ends the connection at once, answers that wait included. */
  close(reason: string): void
}

/**
 * Answers one request. Called exactly once, at any time; nothing happens when the connection is over
 * by then, except that `onSent` is still called.
 * @param chunks the whole frame, its size included; they must not change before `onSent`. null: this
 *   request has no answer.
 * @param onSent called once: the chunks have left, or never will.
 */
export type Respond = (chunks: readonly Uint8Array[] | null, onSent?: () => void) => void

/** Takes one request: a frame without its size, which the handler may keep (`FrameEvents.frame`
 *  says for how long) and write into. Requests of one connection come in the order they were sent. */
export type HandleRequest = (
  frame: Uint8Array,
  connection: ConnectionInfo,
  respond: Respond,
) => void

/** What the connections of one server share. */
export interface ConnectionShared {
  readonly clock: Clock
  readonly timers: Timers
  readonly limits: NetworkLimits
  readonly receiveMemory: ReceiveMemory
  readonly requestMemory: RequestMemory
  readonly deadlines: Deadlines
  readonly refusals: RefusalLog
  readonly handle: HandleRequest
  /** Called once when the connection is over. */
  readonly ended: (connection: Connection) => void
}

/**
 * The answering side of one connection. Reads requests, hands them on in order, and sends the answers
 * in the same order, all that become ready within a turn of the event loop in one write.
 *
 * Reading stops while too many requests are in work, too many bytes of answers wait, or the memory
 * for requests is used up, and goes on when that has passed.
 */
export class Connection implements ConnectionInfo {
  readonly id: number
  readonly listener: Listener
  readonly #socket: Socket
  readonly #shared: ConnectionShared
  readonly #reader: FrameReader
  readonly #responses = new ResponseQueue()
  readonly #createdMs: number
  #state: 'open' | 'draining' | 'closing' | 'closed' = 'open'
  #abort: AbortController | undefined
  #isReading = true
  #isFlushDue = false
  /** A frame waits for the memory of requests to have room. */
  #waitsForMemory = false
  /** `new`: nothing came yet that looks like a request; `begun`: the first one has not come whole. */
  #greeting: 'new' | 'begun' | 'done' = 'new'
  /** When bytes last went in either direction. */
  #lastActiveMs: number
  /** Bytes of requests that have begun and were not answered. */
  #requestBytes = 0
  /** For each write that has not left: the calls that wait for it. */
  readonly #unsent: (readonly (() => void)[])[] = []
  #writtenBytes = 0
  /** Bytes that had left when that was last looked at, and when that was more than before. */
  #progressBytes = 0
  #progressMs = 0
  /** All is sent and the peer has been told so; it has not closed its side yet. */
  #hasEnded = false
  #endReason = 'the peer closed it'

  constructor(id: number, listener: Listener, socket: Socket, shared: ConnectionShared) {
    this.id = id
    this.listener = listener
    this.#socket = socket
    this.#shared = shared
    this.#createdMs = shared.clock.monotonic()
    this.#lastActiveMs = this.#createdMs
    this.#reader = new FrameReader(shared.receiveMemory, {
      begins: (size, firstWord) => this.#begins(size, firstWord),
      frame: (bytes) => this.#frame(bytes),
    })
    const { firstRequestMs, idleMs } = shared.limits
    shared.deadlines.checkBy(this.#createdMs + Math.min(firstRequestMs, idleMs))
  }

  /** Begins to read. */
  start(): void {
    const events: SocketEvents = {
      buffer: () => (this.#hasEnded ? this.#shared.receiveMemory.landing : this.#reader.buffer()),
      received: (count) => this.#received(count),
      drained: () => this.#updateReading(),
      closed: (error) => this.#closed(error),
    }
    this.#socket.start(events)
  }

  get remoteHost(): string {
    return this.#socket.remoteHost
  }

  get remotePort(): number {
    return this.#socket.remotePort
  }

  get localHost(): string {
    return this.#socket.localHost
  }

  get localPort(): number {
    return this.#socket.localPort
  }

  get signal(): AbortSignal {
    // Most connections are never asked for theirs.
    this.#abort ??= new AbortController()
    if (this.#state === 'closing' || this.#state === 'closed') this.#abort.abort()
    return this.#abort.signal
  }

  /** Whether no request is in work and no answer on its way. */
  get isIdle(): boolean {
    return this.#responses.inFlight === 0 && !this.#responses.isReady && this.#unsent.length === 0
  }

  /** Why it ended. */
  get endReason(): string {
    return this.#endReason
  }

  close(reason: string): void {
    this.#end(reason)
  }

  /** Takes no further request, answers those in work, then closes. */
  drain(): void {
    if (this.#state !== 'open') return
    this.#state = 'draining'
    this.#updateReading()
    this.#endWhenDrained()
  }

  /**
   * Closes the connection if one of its times has run out.
   * @returns when to look again at the latest; Infinity when that is no longer needed.
   */
  check(nowMs: number): number {
    if (this.#state === 'closing' || this.#state === 'closed') return Number.POSITIVE_INFINITY
    const { firstRequestMs, slowReaderMs, idleMs } = this.#shared.limits
    if (this.#greeting !== 'done') {
      const dueMs = this.#greetingSinceMs(nowMs) + firstRequestMs
      if (nowMs < dueMs) return Math.min(dueMs, nowMs + idleMs)
      this.#end(`it sent no request within ${firstRequestMs} ms`)
    } else if (this.#socket.waitingBytes() > 0) {
      this.#noteProgress(nowMs)
      if (nowMs - this.#progressMs < slowReaderMs) return nowMs + slowReaderMs / 4
      this.#refuse({}, `it has not read anything of its answers for ${slowReaderMs} ms`)
    } else {
      const dueMs = (this.isIdle ? this.#lastActiveMs : nowMs) + idleMs
      if (nowMs < dueMs) return dueMs
      this.#end(`it was idle for ${idleMs} ms`)
    }
    return Number.POSITIVE_INFINITY
  }

  /** Since when the peer has owed its first request, or more of it. */
  #greetingSinceMs(nowMs: number): number {
    if (this.#waitsForMemory) return nowMs // it is us who do not read
    return this.#greeting === 'new' ? this.#createdMs : this.#lastActiveMs
  }

  #received(count: number): void {
    if (this.#hasEnded) return
    this.#lastActiveMs = this.#shared.clock.monotonic()
    this.#reader.received(count)
  }

  #begins(size: number, firstWord: number): 'accept' | 'wait' | 'refuse' {
    if (this.#greeting === 'new') {
      if (!this.#isGreeting(size, firstWord)) return this.#refuseForeign(size, firstWord)
      this.#greeting = 'begun'
    }
    const { limits, requestMemory } = this.#shared
    const maxBytes = limits.requestMaxBytes
    if (size < 4 || size > maxBytes) {
      return this.#refuse({ sizeBytes: size, maxBytes }, 'it announced a wrong frame size')
    }
    if (requestMemory.isExhausted) {
      this.#waitsForMemory = true
      requestMemory.wait(this.#updateReading)
      this.#updateReading()
      return 'wait'
    }
    requestMemory.take(size)
    this.#requestBytes += size
    return 'accept'
  }

  /** Whether a first frame may be a request. Only a produce request has a reason to be large. */
  #isGreeting(size: number, firstWord: number): boolean {
    const { requestMaxBytes, firstRequestMaxBytes } = this.#shared.limits
    const isProduce = firstWord >> 16 === 0
    const maxBytes = isProduce ? requestMaxBytes : Math.min(requestMaxBytes, firstRequestMaxBytes)
    return looksLikeRequest(firstWord) && size >= 4 && size <= maxBytes
  }

  #frame(bytes: Uint8Array): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#greeting = 'done'
    const slot = this.#responses.add(bytes.length)
    this.#shared.handle(bytes, this, (chunks, onSent) => this.#respond(slot, chunks, onSent))
    if (this.#mustPause()) this.#updateReading()
  }

  #respond(slot: Slot, chunks: readonly Uint8Array[] | null, onSent?: () => void): void {
    if (this.#state === 'closing' || this.#state === 'closed') {
      onSent?.()
      return
    }
    this.#giveBack(slot.requestBytes)
    this.#responses.answer(slot, chunks ?? NO_CHUNKS, onSent)
    const isNeeded = this.#responses.isReady || !this.#isReading
    if (this.#isFlushDue || !isNeeded) return
    this.#isFlushDue = true
    this.#shared.timers.afterTurn(this.#flush)
  }

  /** Sends what became ready in this turn, in one write. */
  readonly #flush = (): void => {
    this.#isFlushDue = false
    if (this.#state === 'closing' || this.#state === 'closed') return
    if (this.#responses.isReady) this.#write()
    this.#updateReading()
    this.#endWhenDrained()
  }

  #write(): void {
    const { chunks, bytes, onSent } = this.#responses.take()
    if (chunks.length === 0) {
      for (const run of onSent) run()
      return
    }
    this.#writtenBytes += bytes
    this.#unsent.push(onSent)
    const waitingBytes = this.#socket.write(chunks, this.#sent)
    if (waitingBytes === 0) return
    const nowMs = this.#shared.clock.monotonic()
    if (waitingBytes <= bytes) this.#progressMs = nowMs // nothing had to wait before
    this.#shared.deadlines.checkBy(nowMs + this.#shared.limits.slowReaderMs)
  }

  /** The oldest write has left. */
  readonly #sent = (): void => {
    this.#lastActiveMs = this.#shared.clock.monotonic()
    for (const run of this.#unsent.shift() ?? []) run()
    if (!this.#isReading) this.#updateReading()
    this.#endWhenDrained()
  }

  #noteProgress(nowMs: number): void {
    const sentBytes = this.#writtenBytes - this.#socket.waitingBytes()
    if (sentBytes > this.#progressBytes) this.#progressMs = nowMs
    this.#progressBytes = sentBytes
  }

  /** Whether something is full that reading would fill further. */
  #mustPause(): boolean {
    if (this.#state !== 'open') return true
    const { limits, requestMemory } = this.#shared
    this.#waitsForMemory &&= requestMemory.isExhausted
    if (this.#waitsForMemory) return true
    // Once paused it reads again at half of the limits: not one by one.
    const share = this.#isReading ? 1 : 0.5
    if (this.#responses.inFlight >= Math.max(1, limits.maxInFlight * share)) return true
    const maxBytes = limits.responseQueueMaxBytes * share
    return this.#responses.bytes >= maxBytes || this.#waitingBytes() >= maxBytes
  }

  #waitingBytes(): number {
    return this.#unsent.length === 0 ? 0 : this.#socket.waitingBytes()
  }

  /** Stops or resumes reading. Resuming may hand out frames that were read before. */
  readonly #updateReading = (): void => {
    if (this.#state === 'closing' || this.#state === 'closed') return
    if (this.#mustPause()) {
      this.#reader.stop()
      if (!this.#isReading) return
      this.#isReading = false
      this.#socket.pause()
      return
    }
    if (this.#isReading) return
    this.#isReading = true
    if (this.#reader.resume()) this.#socket.resume()
    else this.#isReading = false
  }

  #giveBack(bytes: number): void {
    this.#requestBytes -= bytes
    this.#shared.requestMemory.giveBack(bytes)
  }

  #endWhenDrained(): void {
    if (this.#state !== 'draining' || this.#hasEnded || !this.isIdle) return
    this.#hasEnded = true
    this.#endReason = 'the broker closed it'
    this.#socket.end()
    // What still comes is left out, so that the end of the peer is seen. A socket that nobody reads
    // would neither see it nor keep the process alive until the stop is complete.
    this.#socket.resume()
    const { clock, timers } = this.#shared
    timers.at(clock.monotonic() + LINGER_MS, () => this.#socket.destroy())
  }

  /** Never answers anything: the peer speaks something else than Kafka. */
  #refuseForeign(size: number, firstWord: number): 'refuse' {
    const { looksLike, hint } = foreignProtocol(size, firstWord)
    const firstBytes = [size, firstWord].map((word) => (word >>> 0).toString(16).padStart(8, '0'))
    return this.#refuse({ firstBytes: firstBytes.join('') }, `it sent ${looksLike}. ${hint}`)
  }

  /** Ends the connection for a fault of its peer, with a line in the log. */
  #refuse(fields: Readonly<Record<string, unknown>>, reason: string): 'refuse' {
    const { name } = this.listener
    const remote = `${this.remoteHost}:${this.remotePort}`
    const message = `Closed a connection: ${reason}`
    this.#shared.refusals.warn({ listener: name, remote, ...fields }, message)
    this.#end(reason)
    return 'refuse'
  }

  #end(reason: string): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#state = 'closing'
    this.#endReason = reason
    this.#reader.stop()
    this.#socket.destroy()
    this.#abort?.abort() // what waits for its turn must not begin
  }

  #closed(error: Error | undefined): void {
    if (error && this.#state !== 'closing') this.#endReason = error.message
    this.#state = 'closed'
    this.#reader.stop()
    this.#shared.requestMemory.forget(this.#updateReading)
    this.#giveBack(this.#requestBytes)
    const waiting = [...this.#unsent.splice(0).flat(), ...this.#responses.abandon()]
    for (const run of waiting) run()
    this.#abort?.abort()
    this.#shared.ended(this)
  }
}

const NO_CHUNKS: readonly Uint8Array[] = []
/** What a peer has to close its side once everything was sent: a socket destroyed with requests unread
 *  resets the connection, and the peer may lose answers that it has not read yet. */
const LINGER_MS = 200
