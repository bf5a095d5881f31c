import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Disk } from '../kernel/environment.ts'
import { decodeRequest, decodeRequestBody, decodeResponse } from '../protocol/frame.ts'
import type { Api, RequestInput } from '../protocol/schema.ts'
import { T0, TestBroker } from './broker-fixtures-for-test.ts'
import { servedApis } from './registry.ts'

/** What Apache Kafka was asked and answered, and the log directory that it left behind. */
const REFERENCE = path.join(import.meta.dirname, '../../../shared/reference/kafka')
const REQUEST = '-request.bin'
/** When the traffic was captured: its records' times are refused by an earlier clock. */
const CAPTURED_MS = 1_795_244_200_000

const skip = existsSync(REFERENCE) ? false : 'there is no ../shared/reference/kafka'

/** Answers that depend on what was not kept. */
const otherState: ReadonlySet<string> = new Set([
  '01-Fetch-v18', // goes on with a session
  '19-CreateTopics-v7', // made the topics that are there now
  '37-CreatePartitions-v3', // likewise
  '75-DescribeTopicPartitions-v0', // asked for a topic before it was made
])

let b: TestBroker
before(async () => {
  if (skip !== false) return
  b = await TestBroker.start()
  await b.stop()
  b.host.wallOffsetMs = CAPTURED_MS - T0
  const { disk } = b.host
  for (const name of disk.list('/data')) {
    if (disk.stat(`/data/${name}`)?.type === 'file') disk.remove(`/data/${name}`)
  }
  copyTree(path.join(REFERENCE, 'fixtures/log-dir'), '/data', disk)
  b.forgetMetadata()
  await b.start()
})
after(() => b?.stop())

const frames = skip ? [] : readdirSync(path.join(REFERENCE, 'wire'))
for (const name of frames.filter((each) => each.endsWith(REQUEST)).toSorted()) {
  const frame = readFileSync(path.join(REFERENCE, 'wire', name))
  const request = decodeRequest(frame)
  const api = servedApis.handlerOf(request.apiKey)?.api
  const title = name.slice(0, -REQUEST.length)
  if (api === undefined || otherState.has(title)) continue
  test(`${title} is answered in the form in which Kafka answered it`, async () => {
    const answered = readFileSync(path.join(REFERENCE, 'wire', `${title}-response.bin`))
    const expected = decodeResponse(api, request.apiVersion, answered)
    const question = withoutEpochs(decodeRequestBody(api, request)) as RequestInput<Api>
    const actual = await b.ask(api, question, request.apiVersion)
    assert.deepEqual(differences(expected, actual), [])
  })
}

if (skip !== false) test('answers have the form of captured ones', { skip }, () => {})

function copyTree(from: string, to: string, disk: Disk): void {
  disk.makeDirectory(to)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), `${to}/${entry.name}`]
    if (entry.isDirectory()) copyTree(source, target, disk)
    else disk.replaceFile(target, readFileSync(source))
  }
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
