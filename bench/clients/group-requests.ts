/** The requests about groups that the benchmark's own clients make. */

import { setTimeout as delay } from 'node:timers/promises'
import { partitionOf } from '../../src/coordinator/partition-of.ts'
import { offsetFetch } from '../../src/protocol/api/09-offset-fetch.ts'
import { findCoordinator } from '../../src/protocol/api/10-find-coordinator.ts'
import { errorName } from '../../src/protocol/errors.ts'
import type { Connection } from './connection.ts'

const FIND_COORDINATOR_VERSION = 4
const OFFSET_FETCH_VERSION = 8
const GROUP = 0
const COORDINATOR_LIMIT_MS = 60_000
/** Of `__consumer_offsets`, by default. */
const OFFSET_PARTITIONS = 50

/** Has the topic of offsets made, and waits until each of its partitions has a coordinator that answers. */
export async function awaitCoordinators(connection: Connection): Promise<void> {
  const deadline = performance.now() + COORDINATOR_LIMIT_MS
  const groups = oneGroupPerPartition(Array.from({ length: 1000 }, (_, number) => `g-${number}`))
  const asked = groups.map((groupId) => ({ groupId, topics: [] }))
  const any = { keyType: GROUP, coordinatorKeys: ['any'] }
  for (;;) {
    const { coordinators } = await connection.ask(findCoordinator, FIND_COORDINATOR_VERSION, any)
    let code = coordinators[0]?.errorCode ?? -1
    if (code === 0) {
      const answer = await connection.ask(offsetFetch, OFFSET_FETCH_VERSION, { groups: asked })
      code = answer.groups.find(({ errorCode }) => errorCode !== 0)?.errorCode ?? 0
    }
    if (code === 0) return
    if (performance.now() > deadline) throw new Error(`no coordinator: ${errorName(code)}`)
    await delay(20)
  }
}

/** So many group ids that all belong to the same partition of `__consumer_offsets`. */
export function groupsOfOnePartition(count: number): string[] {
  const ids: string[] = []
  for (let number = 0; ids.length < count; number++) {
    const id = `group-${number}`
    if (partitionOf(id, OFFSET_PARTITIONS) === 0) ids.push(id)
  }
  return ids
}

/** Group ids, one for each partition of `__consumer_offsets`, out of `ids`. */
export function oneGroupPerPartition(ids: readonly string[]): string[] {
  return [...new Map(ids.map((id) => [partitionOf(id, OFFSET_PARTITIONS), id])).values()]
}
