import { findCoordinator } from '../../src/protocol/api/10-find-coordinator.ts'
import { incrementalAlterConfigs } from '../../src/protocol/api/44-incremental-alter-configs.ts'
import { type ErrorName, errorName } from '../../src/protocol/errors.ts'
import type { Connection } from './actor.ts'
import { must } from './violation.ts'

const OFFSETS_TOPIC = '__consumer_offsets'
const GROUP = 0
const TOPIC_RESOURCE = 2
const SET = 0

/** Errors of coordinators that pass by themselves. */
export const PASSING: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'NOT_COORDINATOR',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'REQUEST_TIMED_OUT',
])

/**
 * Has the topic of offsets made, and set to sync before it answers, so that what a coordinator said
 * holds through power cuts.
 * @returns whether it is there and so.
 */
export async function prepareOffsetsTopic(
  connection: Connection,
  groupId: string,
): Promise<boolean> {
  const request = { keyType: GROUP, coordinatorKeys: [groupId] }
  const { coordinators } = await connection.ask(findCoordinator, 4, request)
  const error = errorName(coordinators[0]!.errorCode)
  must(error === 'NONE' || PASSING.has(error), () => `coordinator of ${groupId}: ${error}`)
  if (error !== 'NONE') return false
  const configs = [{ name: 'flush.messages', configOperation: SET, value: '1' }]
  const resource = { resourceType: TOPIC_RESOURCE, resourceName: OFFSETS_TOPIC, configs }
  const answer = await connection.ask(incrementalAlterConfigs, 1, {
    resources: [resource],
    validateOnly: false,
  })
  return answer.responses[0]?.errorCode === 0
}
