/** Every decoder of the protocol folder. */
import { flatten } from '../../src/kernel/bytes.ts'
import type { Random } from '../../src/kernel/environment.ts'
import { decode, encode } from '../../src/protocol/codec.ts'
import { randomValue } from '../../src/protocol/fixtures-for-test.ts'
import {
  correlationIdOf,
  decodeRequest,
  decodeRequestBody,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '../../src/protocol/frame.ts'
import {
  clusterMetadataRecords,
  internalMessages,
  remoteLogRecords,
} from '../../src/protocol/internal/registry.ts'
import { apiOfKey, apis } from '../../src/protocol/registry.ts'
import type { Api, Message } from '../../src/protocol/schema.ts'
import { decodeExtensible, decodeTyped, decodeVersioned } from '../../src/protocol/stored.ts'
import { damage, type FuzzTarget } from './target.ts'

const served = apis.filter((api) => api.versions.to >= api.versions.from)
const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)]!
const anyVersion = (random: Random, { versions }: Message | Api): number =>
  versions.from + random.below(versions.to - versions.from + 1)

function decodeFrame(frame: Uint8Array): void {
  const request = decodeRequest(frame)
  const api = apiOfKey(request.apiKey)
  if (api !== undefined) decodeRequestBody(api, request)
}

const requestFrames: FuzzTarget = {
  name: 'request frames',
  run(random, bytes) {
    if (random.below(8) === 0) decodeFrame(bytes)
    const api = pick(random, served)
    const version = anyVersion(random, api)
    const value = randomValue(random, api.request, version)
    const frame = flatten(encodeRequest(api, version, random.below(1000), 'fuzz', value))
    decodeFrame(damage(random, frame.subarray(4)))
  },
}

const responseFrames: FuzzTarget = {
  name: 'response frames',
  run(random, bytes) {
    const api = pick(random, served)
    const version = anyVersion(random, api)
    const value = randomValue(random, api.response, version)
    const frame = flatten(encodeResponse(api, version, random.below(1000), value))
    const received = random.below(8) === 0 ? bytes : damage(random, frame.subarray(4))
    correlationIdOf(received)
    decodeResponse(api, version, received)
  },
}

const storedMessages: FuzzTarget = {
  name: 'stored messages',
  run(random, bytes) {
    const message = pick(random, internalMessages)
    const version = anyVersion(random, message)
    const valid = flatten(encode(message, version, randomValue(random, message, version)))
    decode(message, version, random.below(8) === 0 ? bytes : damage(random, valid))
  },
}

const storedFrames: FuzzTarget = {
  name: 'stored frames',
  run(random, bytes) {
    const message = pick(random, internalMessages)
    const form = random.below(3)
    if (form === 0) decodeVersioned(message, bytes)
    else if (form === 1) decodeExtensible(message, bytes)
    else decodeTyped(pick(random, [clusterMetadataRecords, remoteLogRecords]), bytes)
  },
}

export const protocolTargets: readonly FuzzTarget[] = [
  requestFrames,
  responseFrames,
  storedMessages,
  storedFrames,
]
