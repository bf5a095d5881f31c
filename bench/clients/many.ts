/** Many connections at once. */

import { apiVersions } from '../../src/protocol/api/18-api-versions.ts'
import { Connection } from './connection.ts'

const API_VERSIONS_VERSION = 3
/** Fewer than the queue of connections that a listener has not accepted yet can hold. */
const AT_ONCE = 50

/** Opens connections, each of which has asked for ApiVersions once, as every client does. */
export async function openMany(bootstrap: string, count: number): Promise<Connection[]> {
  const connections: Connection[] = []
  while (connections.length < count) {
    const some = Math.min(AT_ONCE, count - connections.length)
    connections.push(...(await Promise.all(Array.from({ length: some }, () => greet(bootstrap)))))
  }
  return connections
}

async function greet(bootstrap: string): Promise<Connection> {
  const connection = await Connection.open(bootstrap)
  await connection.ask(apiVersions, API_VERSIONS_VERSION, {
    clientSoftwareName: 'moldau-bench',
    clientSoftwareVersion: '1',
  })
  return connection
}
