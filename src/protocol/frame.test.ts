import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flatten } from '../kernel/bytes.ts'
import { produce } from './api/00-produce.ts'
import { heartbeat } from './api/12-heartbeat.ts'
import { apiVersions } from './api/18-api-versions.ts'
import { KafkaError } from './errors.ts'
import {
  correlationIdOf,
  decodeRequest,
  decodeRequestBody,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from './frame.ts'

const hex = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const beat = { groupId: 'g', generationId: 5, memberId: 'm' }

test('a request frame is size, header and body, in both forms of the header', () => {
  const old = encodeRequest(heartbeat, 3, 7, 'me', beat)
  assert.deepEqual(
    flatten(old),
    hex('00000018 000c 0003 00000007 0002 6d65 0001 67 00000005 0001 6d ffff'),
  )
  const flexible = encodeRequest(heartbeat, 4, 7, null, beat)
  assert.deepEqual(
    flatten(flexible),
    hex('00000015 000c 0004 00000007 ffff 00 02 67 00000005 02 6d 00 00'),
  )
})

test('the header is read without judging the version, the body only when asked for', () => {
  const frame = flatten(encodeRequest(heartbeat, 4, 7, 'me', beat)).subarray(4)
  const request = decodeRequest(frame)
  const { apiKey, apiVersion, correlationId, clientId } = request
  assert.deepEqual([apiKey, apiVersion, correlationId, clientId], [12, 4, 7, 'me'])
  assert.deepEqual(decodeRequestBody(heartbeat, request), { ...beat, groupInstanceId: null })
})

test('a newer ApiVersions request than we know can still be answered', () => {
  const request = decodeRequest(hex('0012 0063 00000009 0003 6e6577 00 ff ff'))
  assert.equal(request.apiVersion, 99)
  assert.equal(request.clientId, 'new')
})

test('answers to ApiVersions keep the first header in flexible versions too', () => {
  const frame = flatten(encodeResponse(apiVersions, 3, 9, { errorCode: 0, apiKeys: [] }))
  assert.deepEqual(frame, hex('0000000c 00000009 0000 01 00000000 00'))
  assert.deepEqual(decodeResponse(apiVersions, 3, frame.subarray(4)).apiKeys, [])
})

test('the size of a response counts the records that are sent by reference', () => {
  const chunks = encodeRequest(produce, 9, 1, null, {
    acks: 1,
    timeoutMs: 1,
    topicData: [{ name: 't', partitionData: [{ index: 0, records: new Uint8Array(100_000) }] }],
  })
  assert.equal(chunks.length, 3)
  const frame = flatten(chunks)
  assert.equal(Buffer.from(frame).readInt32BE(0), frame.length - 4)
})

test('a response tells which request it answers, and decodes with that one’s version', () => {
  const frame = flatten(encodeResponse(heartbeat, 4, 77, { errorCode: 27 })).subarray(4)
  assert.equal(correlationIdOf(frame), 77)
  assert.deepEqual(decodeResponse(heartbeat, 4, frame), { throttleTimeMs: 0, errorCode: 27 })
})

test('bytes behind the body of a request are left out', () => {
  const frame = hex('0012 0000 00000001 ffff 000000')
  assert.deepEqual(decodeRequestBody(apiVersions, decodeRequest(frame)), {
    clientSoftwareName: '',
    clientSoftwareVersion: '',
  })
})

test('a key that Kafka does not know and a frame without a header are refused', () => {
  for (const frame of ['', '0012', '7fff 0000 00000001 ffff', '0012 0000 00000001 0009 61']) {
    assert.throws(() => decodeRequest(hex(frame)), KafkaError)
  }
})
