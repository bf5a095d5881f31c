/** A broker under test, whichever it is. */

import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { apiVersions } from '../src/protocol/api/18-api-versions.ts'
import { Connection } from './clients/connection.ts'

export type BrokerName = 'moldau' | 'kafka'

/** A broker that answers requests. */
export interface Broker {
  readonly name: BrokerName
  /** Of the process that serves. */
  readonly pid: number
  /** `host:port`. */
  readonly bootstrap: string
  /** From the start of the process to its first answer to ApiVersions. */
  readonly startMs: number
  /** Ends it as an operator would and waits for it. */
  stop(): Promise<void>
}

/** How a broker is to be started. */
export interface BrokerOptions {
  /** An empty directory for all it writes. */
  readonly directory: string
  /** The core it is bound to; undefined: any. */
  readonly core: number | undefined
  /** Broker settings beside the default ones, by Kafka's names. */
  readonly settings?: Readonly<Record<string, string | number>>
}

const API_VERSIONS_VERSION = 3
const START_LIMIT_MS = 60_000
/** Short beside the start that is measured, long beside an attempt. */
const ATTEMPT_EVERY_MS = 3

/**
 * Tries to connect and to ask ApiVersions until there is an answer.
 * @param hasEnded tells that the broker will never answer.
 * @returns the moment of the answer, on the clock of `performance.now()`.
 */
export async function firstAnswer(bootstrap: string, hasEnded: () => boolean): Promise<number> {
  const deadline = performance.now() + START_LIMIT_MS
  while (performance.now() < deadline && !hasEnded()) {
    const connection = await Connection.open(bootstrap).catch(() => undefined)
    const answer = await connection
      ?.ask(apiVersions, API_VERSIONS_VERSION, {
        clientSoftwareName: 'moldau-bench',
        clientSoftwareVersion: '1',
      })
      .catch(() => undefined)
    connection?.close()
    if (answer?.errorCode === 0) return performance.now()
    await delay(ATTEMPT_EVERY_MS)
  }
  throw new Error(`the broker at ${bootstrap} ${hasEnded() ? 'ended' : 'did not answer'}`)
}

/** A port nobody listens on now, nor on the one `distance` above it. */
export async function freePort(distance = 0): Promise<number> {
  for (;;) {
    const port = await unusedPort(0)
    if (port === undefined || port + distance > 65_535) continue
    if (distance === 0 || (await unusedPort(port + distance)) !== undefined) return port
  }
}

/** The port, if it could be listened on; 0 stands for any. */
async function unusedPort(wanted: number): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const server = createServer()
  server.once('error', () => resolve(undefined))
  server.listen(wanted, '127.0.0.1', () => {
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    server.close(() => resolve(port))
  })
  return await promise
}
