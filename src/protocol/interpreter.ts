/**
 * Reads and writes any message by following its plan: the form that is easiest to trust, and fast
 * enough for all but the four hot APIs (see `compiler.ts`, which a property test holds to this).
 */
import { KafkaError } from './errors.ts'
import {
  type AbsentPlan,
  type ArrayPlan,
  isDefault,
  type StructPlan,
  type TaggedPlan,
  type TypePlan,
} from './plan.ts'
import type { Reader } from './reader.ts'
import type { MessageCodec } from './schema.ts'
import { attachUnknownTags, type UnknownTag, unknownTags } from './unknown-tags.ts'
import type { Writer } from './writer.ts'

type Struct = Record<string, unknown>

export function interpret(plan: StructPlan): MessageCodec {
  return {
    read: (reader) => readStruct(plan, reader),
    write: (writer, value) => writeStruct(plan, writer, value),
  }
}

function read(type: TypePlan, reader: Reader): unknown {
  switch (type.kind) {
    case 'string':
      if (type.compact)
        return type.nullable ? reader.compactNullableString() : reader.compactString()
      return type.nullable ? reader.nullableString() : reader.string()
    case 'bytes':
    case 'records':
      if (type.compact) return type.nullable ? reader.compactNullableData() : reader.compactData()
      return type.nullable ? reader.nullableData() : reader.data()
    case 'array':
      return readArray(type, reader)
    case 'struct':
      return readStruct(type, reader)
    default:
      return reader[type.kind]()
  }
}

function readArray(type: ArrayPlan, reader: Reader): unknown[] | null {
  const count = type.compact
    ? reader.compactArrayLength(type.minBytes)
    : reader.arrayLength(type.minBytes)
  if (count < 0) {
    if (type.nullable) return null
    throw reader.invalid('null for an array that may not be null')
  }
  // Not sized in advance: memory grows only with elements that were really there.
  const values: unknown[] = []
  for (let index = 0; index < count; index++) values.push(read(type.of, reader))
  return values
}

function readStruct(plan: StructPlan, reader: Reader): Struct | null {
  if (!readPresence(plan, reader)) return null
  const value: Struct = {}
  for (const field of plan.fields) value[field.name] = read(field.type, reader)
  for (const field of plan.absent) value[field.name] = field.default
  if (plan.tagged !== null) readTagged(plan.tagged, reader, value)
  return value
}

function readPresence(plan: StructPlan, reader: Reader): boolean {
  if (plan.presence === 'byte') return reader.int8() >= 0
  if (plan.presence === 'varint') return reader.unsignedVarint() > 0
  return true
}

function readTagged(fields: readonly TaggedPlan[], reader: Reader, value: Struct): void {
  for (const field of fields) value[field.name] = field.fallback
  const unknown = readTags(reader, reader.unsignedVarint(), (tag) => {
    const field = fields.find((one) => one.tag === tag)
    if (field === undefined) return false
    value[field.name] = read(field.type, reader)
    return true
  })
  if (unknown !== null) attachUnknownTags(value, unknown)
}

/**
 * Walks the `count` tagged fields of a struct.
 * @param known reads the field of a tag and returns true, or returns false without reading.
 * @returns the fields that `known` did not know, null when there are none.
 */
export function readTags(
  reader: Reader,
  count: number,
  known: (tag: number) => boolean,
): readonly UnknownTag[] | null {
  // A tagged field takes at least its number and its length.
  if (count * 2 > reader.remaining) throw reader.truncated(count * 2)
  let unknown: UnknownTag[] | null = null
  let previous = -1
  for (let index = 0; index < count; index++) {
    const tag = reader.unsignedVarint()
    if (tag <= previous) throw reader.invalid(`tagged field ${tag} after ${previous}`)
    previous = tag
    const size = reader.unsignedVarint()
    if (size > reader.remaining) throw reader.truncated(size)
    const end = reader.at + size
    if (!known(tag)) {
      unknown ??= []
      unknown.push({ tag, bytes: reader.bytes.subarray(reader.at, end) })
      reader.at = end
    }
    if (reader.at !== end) throw reader.invalid(`tagged field ${tag} is not of its ${size} bytes`)
  }
  return unknown
}

function write(type: TypePlan, writer: Writer, value: unknown, name: string): void {
  switch (type.kind) {
    case 'string':
      refuseNull(type.nullable, value, name)
      // The writer checks every value it is given, so a wrong type fails there.
      if (type.compact) writer.compactString(value as string | null)
      else writer.string(value as string | null)
      return
    case 'bytes':
    case 'records':
      refuseNull(type.nullable, value, name)
      if (type.compact) writer.compactData(value as Uint8Array | null)
      else writer.data(value as Uint8Array | null)
      return
    case 'array':
      writeArray(type, writer, value, name)
      return
    case 'struct':
      writeStruct(type, writer, value, name)
      return
    default:
      writer[type.kind](value as never)
  }
}

function writeArray(type: ArrayPlan, writer: Writer, value: unknown, name: string): void {
  refuseNull(type.nullable, value, name)
  if (value !== null && !Array.isArray(value)) throw notA('list', value, name)
  const count = value === null ? -1 : value.length
  if (type.compact) writer.unsignedVarint(count + 1)
  else writer.int32(count)
  if (value !== null) for (const item of value) write(type.of, writer, item, name)
}

function writeStruct(plan: StructPlan, writer: Writer, value: unknown, name = 'message'): void {
  refuseNull(plan.presence !== 'always', value, name)
  if (plan.presence === 'byte') writer.int8(value === null ? -1 : 1)
  if (plan.presence === 'varint') writer.unsignedVarint(value === null ? 0 : 1)
  if (value === null) return
  if (typeof value !== 'object') throw notA('struct', value, name)
  // An object is a record of unknown values until its fields are written, which checks each.
  const struct = value as Struct
  for (const field of plan.absent) refuseAbsent(field, struct[field.name])
  for (const field of plan.fields) {
    const given = struct[field.name]
    write(field.type, writer, given === undefined ? field.fallback : given, field.name)
  }
  if (plan.tagged !== null) writeTagged(plan.tagged, writer, struct)
}

/** Known and unknown tagged fields together, by ascending tag. */
export function writeTagged(
  fields: readonly TaggedPlan[],
  writer: Writer,
  struct: Readonly<Struct>,
): void {
  const given = fields.filter((field) => !isDefault(struct[field.name], field.fallback))
  const unknown = unknownTags(struct)
  writer.unsignedVarint(given.length + unknown.length)
  let next = 0
  for (const field of given) {
    next = writeUnknown(unknown, next, field.tag, writer)
    writer.unsignedVarint(field.tag)
    const mark = writer.beginSection()
    write(field.type, writer, struct[field.name], field.name)
    writer.endSection(mark)
  }
  writeUnknown(unknown, next, Number.POSITIVE_INFINITY, writer)
}

/** Writes the unknown fields from `next` on that come before tag `limit`. @returns the next one. */
function writeUnknown(
  unknown: readonly UnknownTag[],
  next: number,
  limit: number,
  writer: Writer,
): number {
  let index = next
  for (; index < unknown.length && unknown[index]!.tag < limit; index++) {
    writer.unsignedVarint(unknown[index]!.tag)
    writer.unsignedVarint(unknown[index]!.bytes.length)
    writer.raw(unknown[index]!.bytes)
  }
  return index
}

/** @throws KafkaError UNSUPPORTED_VERSION when a value would be lost that must not be. */
export function refuseAbsent(field: AbsentPlan, value: unknown): void {
  if (field.ignorable || isDefault(value, field.default)) return
  throw new KafkaError('UNSUPPORTED_VERSION', `this version has no field ${field.name}`)
}

/** @throws KafkaError UNSUPPORTED_VERSION for null where the version has no way to say it. */
export function refuseNull(nullable: boolean, value: unknown, name: string): void {
  if (value !== null || nullable) return
  throw new KafkaError('UNSUPPORTED_VERSION', `${name} may not be null in this version`)
}

/** What a writer is told about a value of a wrong shape. */
export function notA(what: string, value: unknown, name: string): KafkaError {
  return new KafkaError('INVALID_REQUEST', `${name}: ${String(value)} is no ${what}`)
}
