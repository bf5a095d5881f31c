import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorName, KafkaError } from '../protocol/errors.ts'
import { coordinatorError } from './errors.ts'

/** [what went wrong, what the caller of a coordinator hears], as Kafka has it. */
const rows: readonly [ErrorName, ErrorName][] = [
  ['NETWORK_EXCEPTION', 'COORDINATOR_LOAD_IN_PROGRESS'],
  ['UNKNOWN_TOPIC_OR_PARTITION', 'COORDINATOR_NOT_AVAILABLE'],
  ['NOT_ENOUGH_REPLICAS', 'COORDINATOR_NOT_AVAILABLE'],
  ['REQUEST_TIMED_OUT', 'COORDINATOR_NOT_AVAILABLE'],
  ['NOT_LEADER_OR_FOLLOWER', 'NOT_COORDINATOR'],
  ['KAFKA_STORAGE_ERROR', 'NOT_COORDINATOR'],
  ['MESSAGE_TOO_LARGE', 'UNKNOWN_SERVER_ERROR'],
  ['RECORD_LIST_TOO_LARGE', 'UNKNOWN_SERVER_ERROR'],
  ['INVALID_FETCH_SIZE', 'UNKNOWN_SERVER_ERROR'],
  ['NOT_COORDINATOR', 'NOT_COORDINATOR'],
  ['UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID'],
]
for (const [error, heard] of rows) {
  test(`${error} is heard as ${heard}`, () => {
    const told = coordinatorError(new KafkaError(error, 'why'))
    assert.equal(told.error, heard)
    assert.equal(told.message, 'why')
  })
}

test('errors of ours stay what they are', () => {
  const defect = new TypeError('defect')
  assert.equal(coordinatorError(defect), defect)
})
