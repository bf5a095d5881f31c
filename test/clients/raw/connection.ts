/** A connection that says exactly what a test wants said, well-formed or not: frames over a socket. */

import { connect, type Socket } from 'node:net'
import { decode, encode } from '../../../src/protocol/codec.ts'
import type { Api, Fields, Read, Write } from '../../../src/protocol/schema.ts'
import { includes } from '../../../src/protocol/versions.ts'

const apiVersionsKey = 18
/** Longest wait for an answer. */
const answerLimitMs = 30_000

/** What came instead of an answer: the broker closed the connection. */
export class Closed extends Error {}

/** One connection. Requests may overlap; Kafka answers them in order. */
export class RawConnection {
  readonly #socket: Socket
  readonly #waiting: PromiseWithResolvers<Buffer>[] = []
  #received: Buffer[] = []
  #receivedBytes = 0
  #correlationId = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const waiting of this.#waiting.splice(0)) waiting.reject(new Closed('connection closed'))
    })
  }

  /** @param bootstrap `host:port`. */
  static async open(bootstrap: string): Promise<RawConnection> {
    const [host = '', port = ''] = bootstrap.split(':')
    const socket = connect(Number(port), host)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    socket.once('connect', resolve)
    socket.once('error', reject)
    await promise
    return new RawConnection(socket)
  }

  /**
   * Asks and waits for the answer.
   * @throws Closed when the broker closes the connection instead.
   */
  async ask<Q extends Fields, A extends Fields>(
    api: Api<Q, A>,
    version: number,
    request: Write<Q>,
  ): Promise<Read<A>> {
    const answer = await this.askBytes(frameOf(api, version, ++this.#correlationId, request))
    const tags = includes(api.flexible, version) && api.key !== apiVersionsKey ? 1 : 0
    return decode(api.response, version, answer, 4 + tags)
  }

  /** Sends a whole frame, its size in front, and waits for one answer, without its size. */
  async askBytes(frame: Uint8Array): Promise<Buffer> {
    const waiting = Promise.withResolvers<Buffer>()
    if (this.#socket.destroyed) throw new Closed('connection closed')
    this.#waiting.push(waiting)
    const timer = setTimeout(() => {
      waiting.reject(new Error(`no answer in ${answerLimitMs} ms`))
      this.#socket.destroy()
    }, answerLimitMs)
    this.#socket.write(frame)
    return await waiting.promise.finally(() => clearTimeout(timer))
  }

  /** Sends a request that is not answered: Produce with acks 0. */
  tell<Q extends Fields, A extends Fields>(
    api: Api<Q, A>,
    version: number,
    request: Write<Q>,
  ): void {
    this.#socket.write(frameOf(api, version, ++this.#correlationId, request))
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received.push(chunk)
    this.#receivedBytes += chunk.length
    while (this.#receivedBytes >= 4) {
      if ((this.#received[0]?.length ?? 0) < 4) this.#received = [Buffer.concat(this.#received)]
      const size = this.#received[0]?.readInt32BE() ?? 0
      if (this.#receivedBytes < 4 + size) return
      const all = Buffer.concat(this.#received)
      this.#waiting.shift()?.resolve(all.subarray(4, 4 + size))
      this.#received = [all.subarray(4 + size)]
      this.#receivedBytes = all.length - 4 - size
    }
  }
}

/** A request with its header and size. */
export function frameOf<Q extends Fields, A extends Fields>(
  api: Api<Q, A>,
  version: number,
  correlationId: number,
  request: Write<Q>,
): Buffer {
  const body = Buffer.concat(encode(api.request, version, request))
  const header = headerOf(api.key, version, correlationId, includes(api.flexible, version))
  return withSize(Buffer.concat([header, body]))
}

/** A request header of version 1, or 2 when flexible. */
export function headerOf(
  key: number,
  version: number,
  correlationId: number,
  flexible: boolean,
): Buffer {
  const clientId = Buffer.from('raw-test')
  const header = Buffer.alloc(10 + clientId.length + (flexible ? 1 : 0))
  header.writeInt16BE(key, 0)
  header.writeInt16BE(version, 2)
  header.writeInt32BE(correlationId, 4)
  header.writeInt16BE(clientId.length, 8)
  clientId.copy(header, 10)
  return header
}

/** Bytes with their count in front. */
export function withSize(bytes: Uint8Array): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes.length)
  return Buffer.concat([size, bytes])
}
