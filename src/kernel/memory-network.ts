import type {
  Clock,
  Listening,
  ListenOptions,
  Network,
  Random,
  Socket,
  Timers,
} from './environment.ts'
import { MemorySocket } from './memory-socket.ts'

export interface MemoryNetworkOptions {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  /** How long bytes travel: at least `fromMs`, less than `toMs`. 0 to 1 ms when absent. */
  readonly latency?: { readonly fromMs: number; readonly toMs: number }
  /** Whether what was written at once may arrive in pieces. */
  readonly splitReads?: boolean
}

/**
 * A network between hosts that exist only by name, all in one process. Connections keep the order of
 * their bytes and lose none; between hosts that were cut apart bytes wait until they are joined.
 */
export class MemoryNetwork {
  readonly #options: MemoryNetworkOptions
  readonly #listeners = new Map<string, (socket: Socket) => void>()
  readonly #sockets = new Set<MemorySocket>()
  readonly #cuts = new Set<string>()
  #nextPort = 32_768

  constructor(options: MemoryNetworkOptions) {
    this.#options = options
  }

  /** The network as the host called `host` sees it; `host` is also its address. */
  of(host: string): Network {
    return {
      listen: (options, onConnection) => this.#listen(host, options, onConnection),
      connect: (to, port, signal) => this.#connect(host, isOwn(to) ? host : to, port, signal),
    }
  }

  /** Keeps everything back that goes between two hosts, in both directions, until `join`. */
  cut(a: string, b: string): void {
    this.mute(a, b)
    this.mute(b, a)
  }

  /** Keeps back what goes from one host to another, but not what comes from there, until `join`. */
  mute(from: string, to: string): void {
    this.#cuts.add(direction(from, to))
  }

  join(a: string, b: string): void {
    this.#cuts.delete(direction(a, b))
    this.#cuts.delete(direction(b, a))
    for (const socket of this.#sockets) socket.flush()
  }

  /** Whether what goes from one host to another is kept back. */
  isCut(from: string, to: string): boolean {
    return this.#cuts.has(direction(from, to))
  }

  /** The host's process has died: nobody listens there, and its peers see their connections reset. */
  crash(host: string): void {
    for (const key of this.#listeners.keys()) {
      if (key.startsWith(`${host}|`)) this.#listeners.delete(key)
    }
    for (const socket of [...this.#sockets]) if (socket.localHost === host) socket.crash()
  }

  #listen(
    host: string,
    options: ListenOptions,
    onConnection: (socket: Socket) => void,
  ): Promise<Listening> {
    const port = options.port === 0 ? this.#nextPort++ : options.port
    const key = `${host}|${port}`
    if (this.#listeners.has(key)) {
      const message = `listen EADDRINUSE: address already in use ${options.host}:${port}`
      return Promise.reject(Object.assign(new Error(message), { code: 'EADDRINUSE', port }))
    }
    this.#listeners.set(key, onConnection)
    const close = async () => void this.#listeners.delete(key)
    return Promise.resolve({ host: options.host, port, close })
  }

  #connect(from: string, to: string, port: number, signal: AbortSignal): Promise<Socket> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const refuse = () => reject(signal.reason)
      signal.addEventListener('abort', refuse, { once: true })
      this.#later(() => {
        if (signal.aborted || this.isCut(from, to) || this.isCut(to, from)) return // it waits
        signal.removeEventListener('abort', refuse)
        const accept = this.#listeners.get(`${to}|${port}`)
        if (accept === undefined) return reject(refused(to, port))
        const [ours, theirs] = this.#pairOf(from, to, port)
        accept(theirs)
        resolve(ours)
      })
    })
  }

  #pairOf(from: string, to: string, port: number): [MemorySocket, MemorySocket] {
    const fromPort = this.#nextPort++
    const wire = {
      random: this.#options.random,
      splitReads: this.#options.splitReads ?? false,
      later: (run: () => void, notBeforeMs: number) => this.#later(run, notBeforeMs),
      afterTurn: (run: () => void) => this.#options.timers.afterTurn(run),
      forget: (socket: MemorySocket) => void this.#sockets.delete(socket),
    }
    const there = { ...wire, isCut: () => this.isCut(from, to) }
    const back = { ...wire, isCut: () => this.isCut(to, from) }
    const ours = new MemorySocket(there, from, fromPort, to, port)
    const theirs = new MemorySocket(back, to, port, from, fromPort)
    ours.join(theirs)
    theirs.join(ours)
    this.#sockets.add(ours).add(theirs)
    return [ours, theirs]
  }

  /** Runs `run` after the time of travel. @returns when that will be. */
  #later(run: () => void, notBeforeMs = 0): number {
    const { clock, timers, random, latency = { fromMs: 0, toMs: 1 } } = this.#options
    const spread = random.below(Math.max(1, (latency.toMs - latency.fromMs) * 1_000)) / 1_000
    const dueMs = Math.max(notBeforeMs, clock.monotonic() + latency.fromMs + spread)
    timers.at(dueMs, run)
    return dueMs
  }
}

function direction(from: string, to: string): string {
  return `${from}|${to}`
}

function isOwn(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '::1'
}

function refused(host: string, port: number): Error {
  const message = `connect ECONNREFUSED ${host}:${port}`
  return Object.assign(new Error(message), { code: 'ECONNREFUSED' })
}
