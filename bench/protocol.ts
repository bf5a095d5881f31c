/**
 * How fast the hot messages are read and written, compiled and interpreted.
 * Run: `node bench/protocol.ts`. One process, one core; the best of five rounds each.
 */
import { flatten } from '../src/kernel/bytes.ts'
import { produce } from '../src/protocol/api/00-produce.ts'
import { fetch } from '../src/protocol/api/01-fetch.ts'
import { metadata } from '../src/protocol/api/03-metadata.ts'
import { heartbeat } from '../src/protocol/api/12-heartbeat.ts'
import { decode, encode } from '../src/protocol/codec.ts'
import {
  decodeRequest,
  decodeRequestBody,
  encodeRequest,
  encodeResponse,
} from '../src/protocol/frame.ts'
import { interpret } from '../src/protocol/interpreter.ts'
import { planOf } from '../src/protocol/plan.ts'
import { ZERO_UUID } from '../src/protocol/primitives.ts'
import { Reader } from '../src/protocol/reader.ts'
import type { Fields, Message, Write } from '../src/protocol/schema.ts'
import { Writer } from '../src/protocol/writer.ts'

const ROUNDS = 5
const ROUND_MS = 300

/** Calls `run` for a while. @returns calls per second of the best round. */
function measure(run: () => unknown): number {
  let best = 0
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    let calls = 0
    while (performance.now() - start < ROUND_MS) {
      for (let i = 0; i < 500; i++) run()
      calls += 500
    }
    best = Math.max(best, (calls / (performance.now() - start)) * 1000)
  }
  return best
}

function report(name: string, run: () => unknown): void {
  const perSecond = measure(run)
  const microseconds = (1e6 / perSecond).toFixed(2)
  const rate = Math.round(perSecond).toLocaleString().padStart(12)
  console.log(`${name.padEnd(52)} ${rate}/s  ${microseconds} µs`)
}

const id = 'AbCdEfGhIjKlMnOpQrStUw'
const batch = new Uint8Array(16_384)
const partition = { partition: 0, fetchOffset: 123_456_789, partitionMaxBytes: 1 << 20 }
const many = Array.from({ length: 100 }, (_, index) => index)

const produceRequest = {
  acks: 1,
  timeoutMs: 30_000,
  topicData: [{ topicId: id, name: '', partitionData: [{ index: 0, records: batch }] }],
}
const produceByName = {
  ...produceRequest,
  topicData: [{ name: 'a-topic-of-usual-length', partitionData: [{ index: 0, records: batch }] }],
}
const produceResponse = {
  responses: [
    { topicId: id, partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 123_456_789 }] },
  ],
}
const fetchRequest = (partitions: readonly number[]) => ({
  maxWaitMs: 500,
  minBytes: 1,
  topics: [
    { topicId: id, partitions: partitions.map((index) => ({ ...partition, partition: index })) },
  ],
})
const fetchResponse = (partitions: readonly number[]) => ({
  responses: [
    {
      topicId: id,
      partitions: partitions.map((partitionIndex) => ({
        partitionIndex,
        errorCode: 0,
        highWatermark: 123_456_789,
        lastStableOffset: 123_456_789,
        logStartOffset: 0,
        abortedTransactions: null,
        records: batch,
      })),
    },
  ],
})
const metadataResponse = {
  brokers: [1, 2, 3].map((nodeId) => ({ nodeId, host: `broker-${nodeId}.example`, port: 9092 })),
  clusterId: id,
  controllerId: 1,
  topics: [
    {
      errorCode: 0,
      name: 'a-topic-of-usual-length',
      topicId: id,
      partitions: many.map((partitionIndex) => ({
        errorCode: 0,
        partitionIndex,
        leaderId: 1,
        leaderEpoch: 3,
        replicaNodes: [1, 2, 3],
        isrNodes: [1, 2, 3],
        offlineReplicas: [],
      })),
    },
  ],
}

/** Decoding and encoding of one message, compiled and interpreted. */
function compare<F extends Fields>(
  name: string,
  message: Message<F>,
  version: number,
  value: Write<F>,
): void {
  const bytes = flatten(encode(message, version, value))
  const slow = interpret(planOf(message, version))
  const writer = new Writer()
  report(`${name} v${version} decode`, () => decode(message, version, bytes))
  report(`${name} v${version} decode, interpreted`, () => slow.read(new Reader(bytes)))
  report(`${name} v${version} encode`, () => encode(message, version, value))
  report(`${name} v${version} encode, interpreted`, () => {
    writer.begin()
    slow.write(writer, value)
    return writer.finish()
  })
}

compare('Produce request', produce.request, 13, produceRequest)
compare('Produce request by name', produce.request, 9, produceByName)
compare('Produce response', produce.response, 13, produceResponse)
compare('Fetch request, 1 partition', fetch.request, 17, fetchRequest([0]))
compare('Fetch response, 1 partition', fetch.response, 17, fetchResponse([0]))
compare('Fetch request, 100 partitions', fetch.request, 17, fetchRequest(many))
compare('Fetch response, 100 partitions', fetch.response, 17, fetchResponse(many))
compare('Metadata response, 100 partitions', metadata.response, 12, metadataResponse)
compare('Heartbeat request', heartbeat.request, 4, {
  groupId: 'a-group',
  generationId: 5,
  memberId: `consumer-1-${ZERO_UUID}`,
})

const frame = flatten(encodeRequest(produce, 13, 7, 'a-producer', produceRequest)).subarray(4)
report('Produce v13: header and body of a request', () =>
  decodeRequestBody(produce, decodeRequest(frame)),
)
report('Produce v13: response frame', () => encodeResponse(produce, 13, 7, produceResponse))
report('Fetch v17: response frame', () => encodeResponse(fetch, 17, 7, fetchResponse([0])))
