import type { Listener, SecurityProtocol } from '../config/listeners.ts'
import type { Environment, Listening, Socket } from '../kernel/environment.ts'
import type { Logger } from '../kernel/logger.ts'
import { Connection, type ConnectionShared, type HandleRequest } from './connection.ts'
import { ConnectionQuota } from './connection-quota.ts'
import { Deadlines } from './deadlines.ts'
import type { NetworkLimits } from './limits.ts'
import { ReceiveMemory } from './receive-memory.ts'
import { RefusalLog } from './refusal-log.ts'
import { RequestMemory } from './request-memory.ts'

/** Turns an accepted connection into the one that requests are read from: where TLS has its place. */
export type Transport = (socket: Socket) => Socket

export interface ServerOptions {
  readonly environment: Environment
  readonly logger: Logger
  readonly listeners: readonly Listener[]
  /** `socket.listen.backlog.size` */
  readonly backlog: number
  readonly limits: NetworkLimits
  readonly handle: HandleRequest
  /** Besides PLAINTEXT, which needs none. */
  readonly transports?: Readonly<Partial<Record<SecurityProtocol, Transport>>>
}

/** All listeners of a broker and the connections that came in by them. */
export class NetworkServer {
  readonly #options: ServerOptions
  readonly #connections = new Set<Connection>()
  readonly #quota = new ConnectionQuota()
  readonly #shared: ConnectionShared & { limits: NetworkLimits }
  #bound: readonly { readonly config: Listener; readonly listening: Listening }[] = []
  #nextId = 1
  #isClosing = false
  #onEmpty: (() => void) | undefined

  constructor(options: ServerOptions) {
    const { clock, timers } = options.environment
    const { limits, handle, logger } = options
    const afterTurn = (run: () => void) => timers.afterTurn(run)
    this.#options = options
    this.#shared = {
      clock,
      timers,
      limits,
      handle,
      receiveMemory: new ReceiveMemory(),
      requestMemory: new RequestMemory(limits.queuedRequestMaxBytes, afterTurn),
      deadlines: new Deadlines(clock, timers, (nowMs) => this.#check(nowMs)),
      refusals: new RefusalLog(logger, clock),
      ended: (connection) => this.#ended(connection),
    }
  }

  /**
   * Opens all listeners, or none.
   * @throws Error with one sentence for people when an address cannot be listened on.
   */
  async open(): Promise<void> {
    try {
      for (const config of this.#options.listeners) {
        const bound = await this.#listen(config)
        this.#bound = [...this.#bound, bound]
      }
    } catch (error) {
      await this.close(0)
      throw error
    }
  }

  /** The open listeners with the ports they are bound to. */
  get listeners(): readonly Listener[] {
    return this.#bound.map(({ config }) => config)
  }

  get connectionCount(): number {
    return this.#connections.size
  }

  /** Bytes of requests in work. */
  get requestBytes(): number {
    return this.#shared.requestMemory.usedBytes
  }

  /** Changes the limits of all connections, present and to come. */
  set limits(limits: NetworkLimits) {
    this.#shared.limits = limits
    this.#shared.requestMemory.maxBytes = limits.queuedRequestMaxBytes
    this.#shared.deadlines.checkBy(this.#options.environment.clock.monotonic())
  }

  /**
   * Stops to listen, lets requests in work be answered for at most `graceMs`, closes the rest.
   * Resolves when no connection is left.
   */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true
    await Promise.all(this.#bound.map(({ listening }) => listening.close()))
    if (this.#connections.size > 0) {
      const empty = new Promise<void>((resolve) => {
        this.#onEmpty = resolve
      })
      for (const connection of this.#connections) connection.drain()
      const { clock, timers } = this.#options.environment
      const dueMs = clock.monotonic() + graceMs
      const timer = timers.at(dueMs, () => this.#closeAll('the broker is shutting down'))
      await empty
      timer.cancel()
    }
    this.#shared.deadlines.stop()
  }

  async #listen(config: Listener) {
    const { environment, backlog, transports } = this.#options
    const { name, securityProtocol, host } = config
    const transport = securityProtocol === 'PLAINTEXT' ? plain : transports?.[securityProtocol]
    if (transport === undefined) {
      throw new Error(`Listener ${name}: ${securityProtocol} is not supported by this broker.`)
    }
    let bound = config
    const accept = (socket: Socket) => this.#accept(transport(socket), bound)
    try {
      const listening = await environment.network.listen(
        { host, port: config.port, backlog },
        accept,
      )
      bound = { ...config, port: listening.port }
      return { config: bound, listening }
    } catch (error) {
      throw new Error(`Listener ${name}: ${listenProblem(config, error)}`, { cause: error })
    }
  }

  #accept(socket: Socket, listener: Listener): void {
    const { limits, refusals } = this.#shared
    const refusal = this.#isClosing
      ? 'the broker is shutting down'
      : this.#quota.take(socket.remoteHost, limits)
    if (refusal !== undefined) {
      const remote = `${socket.remoteHost}:${socket.remotePort}`
      refusals.warn({ listener: listener.name, remote }, `Refused a connection: ${refusal}.`)
      socket.destroy()
      return
    }
    const connection = new Connection(this.#nextId++, listener, socket, this.#shared)
    this.#connections.add(connection)
    connection.start()
  }

  #ended(connection: Connection): void {
    this.#connections.delete(connection)
    this.#quota.giveBack(connection.remoteHost)
    const { id, remoteHost, remotePort, endReason } = connection
    const fields = { connection: id, remote: `${remoteHost}:${remotePort}`, reason: endReason }
    this.#options.logger.debug(fields, 'A connection ended.')
    if (this.#connections.size === 0) this.#onEmpty?.()
  }

  #check(nowMs: number): number {
    let nextMs = Number.POSITIVE_INFINITY
    for (const connection of this.#connections) {
      nextMs = Math.min(nextMs, connection.check(nowMs))
    }
    return nextMs
  }

  #closeAll(reason: string): void {
    for (const connection of this.#connections) connection.close(reason)
  }
}

const plain: Transport = (socket) => socket

function listenProblem({ host, port }: Listener, error: unknown): string {
  const where = host === '' ? `port ${port}` : `${host}:${port}`
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is taken by another process. Stop that process or choose another port.`
    case 'EACCES':
      return `${where} may not be used by this user. Ports below 1024 often need special rights.`
    case 'EADDRNOTAVAIL':
      return `${where} is no address of this machine.`
    case 'ENOTFOUND':
      return `the host name ${host} is unknown.`
    default:
      return `${where} cannot be listened on: ${error instanceof Error ? error.message : error}`
  }
}
