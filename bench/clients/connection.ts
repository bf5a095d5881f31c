/** A connection of the benchmark's own clients: requests go out as they are, answers come in order. */

import { connect, type Socket } from 'node:net'
import { flatten } from '../../src/kernel/bytes.ts'
import { decodeResponse, encodeRequest } from '../../src/protocol/frame.ts'
import type { Api, RequestInput, ResponseOf } from '../../src/protocol/schema.ts'

const CLIENT_ID = 'moldau-bench'
const SIZE_BYTES = 4

/** Any number of requests may be under way; each answer belongs to the oldest unanswered request. */
export class Connection {
  readonly #socket: Socket
  readonly #waiting: PromiseWithResolvers<Uint8Array>[] = []
  readonly #size = Buffer.alloc(SIZE_BYTES)
  #sizeFilled = 0
  #frame: Buffer | undefined
  #frameFilled = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', () => {}) // 'close' follows
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('connection closed'))
    })
  }

  /** @param bootstrap `host:port`. */
  static async open(bootstrap: string): Promise<Connection> {
    const [host = '', port = ''] = bootstrap.split(':')
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const socket = connect(Number(port), host, resolve).once('error', reject)
    await promise
    socket.off('error', reject)
    return new Connection(socket)
  }

  /** Requests without an answer yet. */
  get inFlight(): number {
    return this.#waiting.length
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed
  }

  /**
   * Sends a whole frame, as `requestFrame` makes it.
   * @returns the frame of the answer, its size left out; rejected when the connection closes before.
   */
  async send(frame: Uint8Array): Promise<Uint8Array> {
    if (!this.isOpen) throw new Error('connection closed')
    const waiting = Promise.withResolvers<Uint8Array>()
    this.#waiting.push(waiting)
    this.#socket.write(frame)
    return await waiting.promise
  }

  /** Sends a request and waits for its answer. */
  async ask<A extends Api>(
    api: A,
    version: number,
    request: RequestInput<A>,
  ): Promise<ResponseOf<A>> {
    return decodeResponse(api, version, await this.send(requestFrame(api, version, request)))
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Puts frames together, each in a buffer of its own. */
  #receive(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#frame === undefined) {
        const taken = chunk.copy(this.#size, this.#sizeFilled, at)
        at += taken
        this.#sizeFilled += taken
        if (this.#sizeFilled < SIZE_BYTES) return
        this.#frame = Buffer.allocUnsafe(this.#size.readInt32BE())
      }
      const taken = chunk.copy(this.#frame, this.#frameFilled, at)
      at += taken
      this.#frameFilled += taken
      if (this.#frameFilled < this.#frame.length) return
      const waiting = this.#waiting.shift()
      if (waiting === undefined) throw new Error('the broker answered a question nobody asked')
      waiting.resolve(this.#frame)
      this.#frame = undefined
      this.#sizeFilled = 0
      this.#frameFilled = 0
    }
  }
}

/** A request as one array of bytes, which may be sent any number of times. */
export function requestFrame<A extends Api>(
  api: A,
  version: number,
  request: RequestInput<A>,
): Uint8Array {
  return flatten(encodeRequest(api, version, 0, CLIENT_ID, request))
}
