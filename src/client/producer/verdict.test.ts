import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorName } from '../../protocol/errors.ts'
import { type Attempt, type Verdict, verdictOn } from './verdict.ts'

const plain: Attempt = { isIdempotent: true, isFirst: true, recordCount: 3, mayRetry: true }

const ROWS: readonly (readonly [ErrorName, Partial<Attempt>, Verdict])[] = [
  ['NONE', {}, 'done'],
  ['DUPLICATE_SEQUENCE_NUMBER', {}, 'done'],
  ['DUPLICATE_SEQUENCE_NUMBER', { isIdempotent: false }, 'fail'],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', {}, 'renew'],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', { isFirst: false }, 'retry'],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', { mayRetry: false }, 'fail'],
  ['UNKNOWN_PRODUCER_ID', {}, 'renew'],
  ['MESSAGE_TOO_LARGE', {}, 'split'],
  ['MESSAGE_TOO_LARGE', { mayRetry: false }, 'split'],
  ['MESSAGE_TOO_LARGE', { recordCount: 1 }, 'fail'],
  ['NOT_LEADER_OR_FOLLOWER', {}, 'retry'],
  ['NETWORK_EXCEPTION', { isFirst: false }, 'retry'],
  ['NETWORK_EXCEPTION', { mayRetry: false }, 'fail'],
  ['TOPIC_AUTHORIZATION_FAILED', {}, 'fail'],
  ['INVALID_RECORD', {}, 'fail'],
  ['INVALID_PRODUCER_EPOCH', {}, 'fail'],
]

for (const [error, facts, verdict] of ROWS)
  test(`${error} with ${JSON.stringify(facts)} means ${verdict}`, () => {
    assert.equal(verdictOn(error, { ...plain, ...facts }), verdict)
  })
