import type { KafkaError } from '../protocol/errors.ts'
import { ZERO_UUID } from '../protocol/primitives.ts'
import type { Api, Fields, ResponseInput, TypeNode } from '../protocol/schema.ts'

type Source = Readonly<Record<string, unknown>>

/**
 * The answer that says one error for a whole request. Where the response has an error code of its
 * own, only that is set; where codes sit on the items of a list, every item of the request's list gets
 * one, with the names and indexes that identify it. Works for every API from its declaration, because
 * responses name what they answer as the request did.
 */
export function errorResponse<A extends Api>(
  api: A,
  request: unknown,
  error: KafkaError,
): ResponseInput<A> {
  // A decoded request is a record of its fields; the shape built follows `api.response.fields`.
  return fill(api.response.fields, request as Source, error) as ResponseInput<A>
}

function fill(fields: Fields, source: Source, error: KafkaError): Record<string, unknown> {
  const filled: Record<string, unknown> = {}
  const isOwn = 'errorCode' in fields
  for (const [name, field] of Object.entries(fields)) {
    if (name === 'errorCode') filled[name] = error.code
    else if (name === 'errorMessage') filled[name] = error.message
    else if (isOwn && field.type.kind === 'array') filled[name] = []
    else if (field.tag === undefined) filled[name] = valueFor(name, field.type, source, error)
  }
  return filled
}

function valueFor(name: string, type: TypeNode, source: Source, error: KafkaError): unknown {
  if (type.kind === 'nullable') {
    return source[name] === undefined ? null : valueFor(name, type.of, source, error)
  }
  if (type.kind === 'array') {
    const item = type.of
    if (item.kind !== 'struct') return []
    const asked = listIn(name, source)
    return asked.map((one) => fill(item.fields, one, error))
  }
  if (type.kind === 'struct') return fill(type.fields, source, error)
  const given = source[name]
  const empty = emptyValues[type.kind]
  return typeof given === typeof empty ? given : empty
}

/** The request's list that an answer's list of that name answers: of the same name, else the first. */
function listIn(name: string, source: Source): readonly Source[] {
  const same = source[name]
  const list = Array.isArray(same)
    ? same
    : Object.values(source).find((value): value is Source[] => Array.isArray(value))
  return (list ?? []).map((one) =>
    typeof one === 'object' && one !== null ? one : { [name]: one },
  )
}

const emptyValues = {
  bool: false,
  int8: 0,
  int16: 0,
  uint16: 0,
  int32: 0,
  uint32: 0,
  int64: 0,
  bigint64: 0n,
  float64: 0,
  uuid: ZERO_UUID,
  string: '',
  bytes: new Uint8Array(0),
  records: new Uint8Array(0),
} as const
