/**
 * Compares our codecs with frames captured from a real cluster, which lie beside the repository.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { flatten } from '../src/kernel/bytes.ts'
import { KafkaError } from '../src/protocol/errors.ts'
import {
  correlationIdOf,
  decodeRequest,
  decodeRequestBody,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '../src/protocol/frame.ts'
import { defaultOf, isDefault } from '../src/protocol/plan.ts'
import { apiOfKey } from '../src/protocol/registry.ts'
import type { Fields, Read, TypeNode } from '../src/protocol/schema.ts'
import { folder } from './protocol-definitions.ts'

/** A captured frame, without the four bytes of its size. */
export interface WireFrame {
  readonly file: string
  readonly key: number
  readonly version: number
  readonly side: 'request' | 'response'
  readonly bytes: Uint8Array
}

/** All captured frames. */
export function wireFrames(): WireFrame[] {
  return readdirSync(`${folder}wire`).flatMap((file) => {
    const parts = /^(\d+)-\w+-v(\d+)-(request|response)\.bin$/.exec(file)
    if (parts === null) return []
    return [
      {
        file,
        key: Number(parts[1]),
        version: Number(parts[2]),
        side: parts[3] === 'request' ? 'request' : 'response',
        bytes: new Uint8Array(readFileSync(`${folder}wire/${file}`)),
      },
    ]
  })
}

/** Decodes a captured frame, encodes it again, and compares the value with the published JSON.
 *  @returns what differs, nothing when all agrees. */
export function wireDifferences(frame: WireFrame): string[] {
  try {
    return compareFrame(frame)
  } catch (error) {
    if (error instanceof KafkaError) return [`${frame.file}: ${error.message}`]
    throw error
  }
}

function compareFrame(frame: WireFrame): string[] {
  const api = apiOfKey(frame.key)
  if (api === undefined) return [`${frame.file}: no api ${frame.key}`]
  const { version, bytes } = frame
  const message = frame.side === 'request' ? api.request : api.response
  let value: Read<Fields>
  let again: Uint8Array[]
  if (frame.side === 'request') {
    const request = decodeRequest(bytes)
    value = decodeRequestBody(api, request)
    again = encodeRequest(api, version, request.correlationId, request.clientId, value)
  } else {
    value = decodeResponse(api, version, bytes)
    again = encodeResponse(api, version, correlationIdOf(bytes), value)
  }
  const isSame = Buffer.compare(flatten(again).subarray(4), bytes) === 0
  return [
    ...(isSame ? [] : [`${frame.file}: encoded again it is other bytes`]),
    ...compareValue(value, publishedBody(frame), message.fields, frame.file),
  ]
}

function publishedBody(frame: WireFrame): unknown {
  const file = `${folder}wire/${frame.file.replace(/-v\d+-.*$/, '.json')}`
  const rows: readonly Readonly<Record<string, unknown>>[] = JSON.parse(readFileSync(file, 'utf8'))
  return rows.find((row) => row.version === frame.version)?.[frame.side]
}

function compareValue(ours: unknown, theirs: unknown, fields: Fields, path: string): string[] {
  // Both are structs of these fields: ours by its type, theirs by having been printed from one.
  const mine = ours as Readonly<Record<string, unknown>>
  const published = theirs as Readonly<Record<string, unknown>>
  return Object.entries(fields).flatMap(([name, field]) => {
    const inner = `${path} ${name}`
    if (name in published) return compareItem(mine[name], published[name], field.type, inner)
    return isDefault(mine[name], defaultOf(field)) ? [] : [`${inner}: ours only`]
  })
}

function compareItem(ours: unknown, theirs: unknown, type: TypeNode, path: string): string[] {
  if (type.kind === 'nullable') {
    if (ours !== null && theirs !== null) return compareItem(ours, theirs, type.of, path)
    // Records are not shown in the published JSON, and their absence is not either.
    return ours === theirs || type.of.kind === 'records' ? [] : [`${path}: null on one side only`]
  }
  if (type.kind === 'records') return []
  if (type.kind === 'struct') return compareValue(ours, theirs, type.fields, path)
  if (type.kind === 'array' && Array.isArray(ours) && Array.isArray(theirs)) {
    if (ours.length !== theirs.length) return [`${path}: ${ours.length} of ${theirs.length}`]
    return ours.flatMap((one, index) => compareItem(one, theirs[index], type.of, path))
  }
  const mine = ours instanceof Uint8Array ? Buffer.from(ours).toString('base64') : String(ours)
  return mine === String(theirs) ? [] : [`${path}: ${mine}, published ${theirs}`]
}
