import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  api,
  array,
  field,
  int16,
  int32,
  nullable,
  type RequestInput,
  type RequestOf,
  type ResponseInput,
  records,
  string,
  struct,
  tagged,
} from './schema.ts'

const sample = api({
  key: 999,
  name: 'Sample',
  versions: '0-4',
  flexible: '4+',
  request: {
    groupId: field(string),
    instance: field(nullable(string), '3+', null),
    topics: field(
      array({
        name: field(string),
        data: field(nullable(records)),
        more: field(array(int32), '1+', []),
      }),
    ),
    node: tagged(0, struct({ id: field(int32, '4+', -1) }), '4+'),
  },
  response: { throttleTimeMs: field(int32, '1+', 0), errorCode: field(int16) },
})

test('a reader sees every field; a writer may leave out those with a default', () => {
  const input: RequestInput<typeof sample> = {
    groupId: 'g',
    topics: [{ name: 'a', data: [new Uint8Array(1)] }],
  }
  const output: RequestOf<typeof sample> = {
    groupId: 'g',
    instance: null,
    topics: [{ name: 'a', data: new Uint8Array(1), more: [] }],
    node: { id: -1 },
  }
  const answer: ResponseInput<typeof sample> = { errorCode: 0 }
  // @ts-expect-error a field without a default must be given
  const incomplete: ResponseInput<typeof sample> = { throttleTimeMs: 1 }
  // @ts-expect-error a string is not an int16
  const mistyped: ResponseInput<typeof sample> = { errorCode: 'NONE' }
  assert.ok(input && output && answer && incomplete && mistyped)
})
