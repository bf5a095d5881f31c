import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { decodeRequest, decodeRequestBody, decodeResponse } from '../protocol/frame.ts'
import type { Api, RequestInput } from '../protocol/schema.ts'
import type { TestBroker } from './broker-fixtures-for-test.ts'
import { noReference, REFERENCE, startOnKafkasDirectory } from './kafka-directory-for-test.ts'
import { servedApis } from './registry.ts'

const REQUEST = '-request.bin'

/** Answers that depend on what was not kept. */
const otherState: ReadonlySet<string> = new Set([
  '01-Fetch-v18', // goes on with a session
  '08-OffsetCommit-v7', // of members who have left since
  '08-OffsetCommit-v9',
  '08-OffsetCommit-v10',
  '19-CreateTopics-v7', // made the topics that are there now
  '37-CreatePartitions-v3', // likewise
  '75-DescribeTopicPartitions-v0', // asked for a topic before it was made
  '42-DeleteGroups-v2', // deleted a group that was there
  '69-ConsumerGroupDescribe-v1', // described one that was deleted later
])

/** Answers to members of groups, who have left since. */
const ofMembers =
  /^(?:08-OffsetCommit-v(?:7|9|10)|11-JoinGroup-v[59]|12-Heartbeat-v[34]|13-LeaveGroup-v[15]|14-SyncGroup-v[35])$/

let b: TestBroker
before(async () => {
  if (noReference === false) b = await startOnKafkasDirectory()
})
after(() => b?.stop())

const frames = noReference ? [] : readdirSync(path.join(REFERENCE, 'wire'))
for (const name of frames.filter((each) => each.endsWith(REQUEST)).toSorted()) {
  const frame = readFileSync(path.join(REFERENCE, 'wire', name))
  const request = decodeRequest(frame)
  const api = servedApis.handlerOf(request.apiKey)?.api
  const title = name.slice(0, -REQUEST.length)
  if (api === undefined || otherState.has(title) || ofMembers.test(title)) continue
  test(`${title} is answered in the form in which Kafka answered it`, async () => {
    const answered = readFileSync(path.join(REFERENCE, 'wire', `${title}-response.bin`))
    const expected = decodeResponse(api, request.apiVersion, answered)
    const question = withoutEpochs(decodeRequestBody(api, request)) as RequestInput<Api>
    const actual = await b.ask(api, question, request.apiVersion)
    assert.deepEqual(differences(expected, actual), [])
  })
}

if (noReference !== false) {
  test('answers have the form of captured ones', { skip: noReference }, () => {})
}

/** A request that says nothing of leader epochs: those of adopted partitions have moved on. */
function withoutEpochs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEpochs)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      return [name, name === 'currentLeaderEpoch' ? -1 : withoutEpochs(field)]
    }),
  )
}

/** Where two answers differ in form: fields that are there, null, or of another type, and error codes.
 *  Of lists that both have, the first items stand for all. */
function differences(expected: unknown, actual: unknown, at = ''): string[] {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const both = expected.length > 0 && actual.length > 0
    return both ? differences(expected[0], actual[0], `${at}[]`) : []
  }
  if (formOf(expected) !== formOf(actual)) {
    return [`${at}: Kafka ${formOf(expected)}, Moldau ${formOf(actual)}`]
  }
  if (at.endsWith('rrorCode') && expected !== actual) {
    return [`${at}: Kafka ${expected}, Moldau ${actual}`]
  }
  if (formOf(expected) !== 'struct') return []
  const [left, right] = [Object(expected), Object(actual)]
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...names].flatMap((name) => differences(left[name], right[name], `${at}.${name}`))
}

function formOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Uint8Array) return 'bytes'
  return typeof value === 'object' ? 'struct' : typeof value
}
