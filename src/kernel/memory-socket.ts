import { totalLength } from './bytes.ts'
import type { Random, Socket, SocketEvents } from './environment.ts'

/** What a socket needs of the network it belongs to. */
export interface Wire {
  readonly random: Random
  readonly splitReads: boolean
  isCut(): boolean
  /** Runs `run` after the time of travel and not before `notBeforeMs`. @returns when. */
  later(run: () => void, notBeforeMs: number): number
  afterTurn(run: () => void): void
  forget(socket: MemorySocket): void
}

/** What travels: bytes, or the end of the stream. */
type Parcel =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array; readonly sent: (() => void) | undefined }
  | { readonly type: 'end' }
  | { readonly type: 'reset' }

/** Bytes that one side takes in before the other has read them: what a system's buffers hold. */
const WINDOW_BYTES = 256 * 1_024
/** Bytes that travel together. */
const PARCEL_BYTES = 64 * 1_024

/** One end of a connection inside the process. */
export class MemorySocket implements Socket {
  readonly localHost: string
  readonly localPort: number
  readonly remoteHost: string
  readonly remotePort: number
  readonly #wire: Wire
  #peer: MemorySocket | undefined
  #events: SocketEvents | undefined
  #paused = false
  #state: 'open' | 'ending' | 'closed' = 'open'
  /** Written, and not yet taken by the wire. */
  readonly #outbox: Parcel[] = []
  #waitingBytes = 0
  /** Taken by the wire, and not yet read by the peer. */
  #unreadBytes = 0
  #lastArrivalMs = 0
  #undrained = false
  /** Arrived, and not yet read. */
  readonly #inbox: Parcel[] = []
  #reading = false
  #failure: Error | undefined

  constructor(
    wire: Wire,
    localHost: string,
    localPort: number,
    remoteHost: string,
    remotePort: number,
  ) {
    this.#wire = wire
    this.localHost = localHost
    this.localPort = localPort
    this.remoteHost = remoteHost
    this.remotePort = remotePort
  }

  join(peer: MemorySocket): void {
    this.#peer = peer
  }

  start(events: SocketEvents): void {
    if (this.#events) throw new Error('the socket has been started before')
    this.#events = events
    if (this.#state === 'closed') this.#wire.afterTurn(() => events.closed(this.#failure))
    else this.#readSoon()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#readSoon()
  }

  write(chunks: readonly Uint8Array[], sent?: () => void): number {
    if (this.#state !== 'open') return this.#waitingBytes
    const bytes = new Uint8Array(totalLength(chunks))
    let at = 0
    for (const chunk of chunks) {
      bytes.set(chunk, at)
      at += chunk.length
    }
    this.#waitingBytes += bytes.length
    for (let from = 0; from === 0 || from < bytes.length; from += PARCEL_BYTES) {
      const isLast = from + PARCEL_BYTES >= bytes.length
      const part = bytes.subarray(from, from + PARCEL_BYTES)
      this.#outbox.push({ type: 'bytes', bytes: part, sent: isLast ? sent : undefined })
    }
    this.flush()
    if (this.#waitingBytes > 0) this.#undrained = true
    return this.#waitingBytes
  }

  waitingBytes(): number {
    return this.#waitingBytes
  }

  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#outbox.push({ type: 'end' })
    this.flush()
  }

  destroy(): void {
    if (this.#state === 'closed') return
    this.#outbox.length = 0
    this.#outbox.push({ type: this.#inbox.length > 0 ? 'reset' : 'end' })
    this.flush()
    this.#close(undefined)
  }

  /** As if the process had died: nobody here is told. */
  crash(): void {
    this.#events = undefined
    this.#outbox.length = 0
    this.#outbox.push({ type: 'reset' })
    this.flush()
    this.#close(undefined)
  }

  /** Hands to the wire what it takes now. */
  flush(): void {
    const peer = this.#peer
    if (peer === undefined || this.#wire.isCut()) return
    while (this.#outbox.length > 0) {
      const parcel = this.#outbox[0]!
      if (parcel.type === 'bytes' && this.#unreadBytes >= WINDOW_BYTES) return
      this.#outbox.shift()
      if (parcel.type === 'bytes') this.#handOver(parcel)
      this.#lastArrivalMs = this.#wire.later(() => peer.#arrived(parcel), this.#lastArrivalMs)
    }
    if (this.#state === 'closed') this.#wire.forget(this)
  }

  #handOver(parcel: Parcel & { type: 'bytes' }): void {
    this.#waitingBytes -= parcel.bytes.length
    this.#unreadBytes += parcel.bytes.length
    const drained = this.#waitingBytes === 0
    this.#wire.afterTurn(() => {
      if (this.#state === 'closed') return
      parcel.sent?.()
      if (!drained || !this.#undrained || this.#waitingBytes > 0) return
      this.#undrained = false
      this.#events?.drained()
    })
  }

  #arrived(parcel: Parcel): void {
    if (this.#state === 'closed') return
    if (parcel.type === 'reset') this.#close(resetError())
    else {
      this.#inbox.push(parcel)
      this.#read()
    }
  }

  #readSoon(): void {
    this.#wire.afterTurn(() => this.#read())
  }

  #read(): void {
    if (this.#reading || this.#events === undefined) return
    this.#reading = true
    while (this.#inbox.length > 0 && !this.#paused && this.#state !== 'closed') {
      const parcel = this.#inbox.shift()!
      if (parcel.type === 'bytes') this.#receive(parcel.bytes, this.#events)
      else this.#peerEnded()
    }
    this.#reading = false
  }

  #receive(bytes: Uint8Array, events: SocketEvents): void {
    const into = events.buffer()
    let count = Math.min(into.length, bytes.length)
    if (this.#wire.splitReads && count > 0) count = 1 + this.#wire.random.below(count)
    into.set(bytes.subarray(0, count))
    if (count < bytes.length) {
      this.#inbox.unshift({ type: 'bytes', bytes: bytes.subarray(count), sent: undefined })
    }
    if (this.#peer) {
      this.#peer.#unreadBytes -= count
      this.#peer.flush()
    }
    events.received(count)
  }

  /** The peer sends no more: what is written still leaves, then this side ends, too. */
  #peerEnded(): void {
    if (this.#state === 'open') this.end()
    this.#close(undefined)
  }

  #close(error: Error | undefined): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#failure = error
    this.#inbox.length = 0
    if (this.#outbox.length === 0) this.#wire.forget(this)
    const events = this.#events
    if (events) this.#wire.afterTurn(() => events.closed(error))
  }
}

function resetError(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
}
