import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaError } from '../protocol/errors.ts'
import {
  AbortableError,
  ClientError,
  clientError,
  FatalError,
  inPlace,
  isRetriable,
  RetriableError,
} from './errors.ts'

const KINDS = [
  ['NOT_LEADER_OR_FOLLOWER', RetriableError],
  ['MESSAGE_TOO_LARGE', ClientError],
  ['PRODUCER_FENCED', FatalError],
  ['TRANSACTION_ABORTABLE', AbortableError],
] as const

for (const [error, Kind] of KINDS)
  test(`${error} is a ${Kind.name}`, () => {
    assert.equal(clientError(error).constructor, Kind)
    assert.equal(isRetriable(clientError(error)), Kind === RetriableError)
  })

test('an error says where it happened and what to do', () => {
  const broker = '10.0.0.1:9092 (broker 3)'
  const place = { broker, api: 'Produce', version: 12, topic: 't', partition: 4 }
  const { message } = clientError('NOT_ENOUGH_REPLICAS', place, '1 of 2 replicas.')
  assert.equal(
    message,
    't-4, Produce v12 to 10.0.0.1:9092 (broker 3): NOT_ENOUGH_REPLICAS: 1 of 2 replicas. ' +
      'Bring replicas back, or lower min.insync.replicas of the topic.',
  )
})

test("errors of the layers below get their place, others stay the caller's own", () => {
  const cause = new KafkaError('NETWORK_EXCEPTION', 'reset')
  const error = inPlace(cause, { broker: 'b:1' })
  assert.ok(error instanceof RetriableError)
  assert.equal(error.cause, cause)
  assert.match(error.message, /^connection to b:1: NETWORK_EXCEPTION: reset /)
  const own = new Error('own')
  assert.equal(inPlace(own, {}), own)
})
