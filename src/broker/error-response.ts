import { EMPTY_BYTES } from '../kernel/bytes.ts'
import type { KafkaError } from '../protocol/errors.ts'
import { type FieldPlan, planOf, type StructPlan, type TypePlan } from '../protocol/plan.ts'
import { ZERO_UUID } from '../protocol/primitives.ts'
import type { Api, ResponseInput, Scalar } from '../protocol/schema.ts'

type Source = Readonly<Record<string, unknown>>

/**
 * The answer that says one error for a whole request. Where the response has an error code of its
 * own in this version, only that is set; where codes sit on the items of a list, every item of the
 * request's list gets one, with the names and indexes that identify it. Works for every API from its
 * declaration, because responses name what they answer as the request did.
 * @param request the decoded request.
 */
export function errorResponse<A extends Api>(
  api: A,
  apiVersion: number,
  request: unknown,
  error: KafkaError,
): ResponseInput<A> {
  const plan = planOf(api.response, apiVersion)
  // A decoded request is a record of its fields; what is filled follows the response's declaration.
  return fill(plan, request as Source, error, false) as ResponseInput<A>
}

/** @param isItem whether `source` is the item of the request that this struct answers, not the whole:
 *  only then do fields of one name mean the same in both. */
function fill(plan: StructPlan, source: Source, error: KafkaError, isItem: boolean): Source {
  const filled: Record<string, unknown> = {}
  const isOwn = plan.fields.some(({ name }) => name === 'errorCode')
  for (const field of plan.fields) {
    const { name, type } = field
    if (/errorCode$/i.test(name)) filled[name] = error.code
    else if (name === 'errorMessage') filled[name] = error.message
    else if (type.kind === 'array') filled[name] = isOwn ? [] : items(name, type.of, source, error)
    else filled[name] = contentOf(field, isItem ? identity(field, source) : undefined, error)
  }
  return filled
}

/** One answer for each item of the request's list that an answer's list is about: the one of the same
 *  name, else the first. None where the items have no place for the error. */
function items(name: string, of: TypePlan, source: Source, error: KafkaError): readonly Source[] {
  if (of.kind !== 'struct' || !saysErrors(of)) return []
  const lists = Object.entries(source).filter(([, value]) => Array.isArray(value))
  const [, asked = []] =
    lists.find(([key]) => key === name) ?? lists.find(([, value]) => value) ?? []
  return (asked as readonly unknown[]).map((item) => fill(of, sourceOf(item, of), error, true))
}

/** An item as a record: one that is a mere name or index is what the answer's first such field says. */
function sourceOf(item: unknown, of: StructPlan): Source {
  if (typeof item === 'object' && item !== null) return item as Source
  const field = of.fields.find(({ name, type }) => {
    return !/error(Code|Message)$/i.test(name) && typeof emptyOf(type) === typeof item
  })
  return field === undefined ? {} : { [field.name]: item }
}

function saysErrors(plan: StructPlan): boolean {
  return plan.fields.some(({ name, type }) => {
    if (/errorCode$/i.test(name)) return true
    return type.kind === 'array' && type.of.kind === 'struct' && saysErrors(type.of)
  })
}

/** Words for one thing: an answer may name it otherwise than the request. */
const synonyms = [
  ['partitionIndex', 'partition', 'index'],
  ['name', 'topic', 'topicName'],
]

/** What the request's item says of a field that identifies it. A number with a default is none: it is
 *  what the answer would have told. */
function identity({ name, type, fallback }: FieldPlan, source: Source): unknown {
  const isText = type.kind === 'string' || type.kind === 'uuid'
  if (!isText && fallback !== undefined) return undefined
  const names = synonyms.find((words) => words.includes(name)) ?? [name]
  const found = [name, ...names].find((word) => word in source)
  const given = found === undefined ? undefined : source[found]
  if (given === null && type.kind === 'string' && type.nullable) return null
  const isSame = typeof given === typeof emptyOf(type) && typeof given !== 'object'
  return isSame ? given : undefined
}

function contentOf({ type, fallback }: FieldPlan, given: unknown, error: KafkaError): unknown {
  if (given !== undefined) return given
  if (fallback !== undefined) return fallback
  return type.kind === 'struct' ? fill(type, {}, error, false) : emptyOf(type)
}

/** What a field says that has nothing to say. Numbers without a default are ids, counts and offsets,
 *  where Kafka has -1 for none. */
function emptyOf(type: TypePlan): unknown {
  switch (type.kind) {
    case 'string':
      return ''
    case 'bytes':
    case 'records':
      return EMPTY_BYTES
    case 'array':
    case 'struct':
      return undefined
    default:
      return emptyScalars[type.kind]
  }
}

const emptyScalars: Readonly<Record<Scalar, unknown>> = {
  bool: false,
  int8: -1,
  int16: -1,
  uint16: 0,
  int32: -1,
  uint32: 0,
  int64: -1,
  bigint64: -1n,
  float64: 0,
  uuid: ZERO_UUID,
}
