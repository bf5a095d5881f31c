/**
 * What one version of a message looks like: the declaration with every version range decided. Both
 * the interpreter and the compiler follow a plan, so they cannot disagree about what it holds.
 */
import { EMPTY_BYTES } from '../kernel/bytes.ts'
import { ZERO_UUID } from './primitives.ts'
import type { Field, Fields, Message, Scalar, TypeNode } from './schema.ts'
import { unknownTags } from './unknown-tags.ts'
import { includes, type VersionRange, versionRange } from './versions.ts'

/** A type in one version. `compact`: lengths are varints and one more than they say (KIP-482). */
export type TypePlan =
  | { readonly kind: Scalar }
  | {
      readonly kind: 'string' | 'bytes' | 'records'
      readonly compact: boolean
      readonly nullable: boolean
    }
  | ArrayPlan
  | StructPlan

export interface ArrayPlan {
  readonly kind: 'array'
  readonly compact: boolean
  readonly nullable: boolean
  readonly of: TypePlan
  /** The least bytes that an element takes: what bounds a declared count. At least 1. */
  readonly minBytes: number
}

export interface StructPlan {
  readonly kind: 'struct'
  /** How presence is told where null is allowed: by a signed byte, in tagged fields by a varint. */
  readonly presence: 'always' | 'byte' | 'varint'
  /** Fields in the order of the wire. */
  readonly fields: readonly FieldPlan[]
  /** Tagged fields in ascending order of their tags; null in versions without tagged fields. */
  readonly tagged: readonly TaggedPlan[] | null
  /** Fields that other versions have. */
  readonly absent: readonly AbsentPlan[]
  /** All field names in the order of the declaration. */
  readonly names: readonly string[]
}

export interface FieldPlan {
  readonly name: string
  readonly type: TypePlan
  /** What is written when the writer gave nothing; undefined when it must give something. */
  readonly fallback: unknown
}

export interface TaggedPlan extends FieldPlan {
  readonly tag: number
}

export interface AbsentPlan {
  readonly name: string
  readonly default: unknown
  readonly ignorable: boolean
}

/** Decides every version range of `message` for one of its versions. */
export function planOf(message: Message, version: number): StructPlan {
  const flexible = includes(message.flexible, version)
  return structPlan(message.fields, version, flexible, 'always')
}

function structPlan(
  all: Fields,
  version: number,
  flexible: boolean,
  presence: StructPlan['presence'],
): StructPlan {
  const fields: FieldPlan[] = []
  const tagged: TaggedPlan[] = []
  const absent: AbsentPlan[] = []
  for (const [name, field] of Object.entries(all)) {
    const fallback = field.default
    if (!includes(rangeOf(field), version)) {
      absent.push({ name, default: defaultOf(field), ignorable: field.ignorable })
    } else if (field.tag === undefined) {
      const type = typePlan(field.type, version, flexible && !field.neverCompact, flexible, false)
      fields.push({ name, type, fallback })
    } else {
      const type = typePlan(field.type, version, flexible, flexible, true)
      tagged.push({ name, type, fallback: defaultOf(field), tag: field.tag })
    }
  }
  tagged.sort((a, b) => a.tag - b.tag)
  return {
    kind: 'struct',
    presence,
    fields,
    tagged: flexible ? tagged : null,
    absent,
    names: Object.keys(all),
  }
}

function typePlan(
  type: TypeNode,
  version: number,
  compact: boolean,
  flexible: boolean,
  isTagged: boolean,
  nullable = false,
): TypePlan {
  switch (type.kind) {
    case 'nullable': {
      const mayBeNull = includes(versionRange(type.versions), version)
      return typePlan(type.of, version, compact, flexible, isTagged, mayBeNull)
    }
    case 'struct': {
      const presence = !nullable ? 'always' : isTagged ? 'varint' : 'byte'
      return structPlan(type.fields, version, flexible, presence)
    }
    case 'array': {
      const of = typePlan(type.of, version, compact, flexible, false)
      return { kind: 'array', compact, nullable, of, minBytes: Math.max(1, minBytes(of)) }
    }
    case 'string':
    case 'bytes':
    case 'records':
      return { kind: type.kind, compact, nullable }
    default:
      return { kind: type.kind }
  }
}

const scalarBytes: Readonly<Record<Scalar, number>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  bigint64: 8,
  float64: 8,
  uuid: 16,
}

/** The least bytes that a value of this type takes. */
function minBytes(type: TypePlan): number {
  switch (type.kind) {
    case 'string':
      return type.compact ? 1 : 2
    case 'bytes':
    case 'records':
    case 'array':
      return type.compact ? 1 : 4
    case 'struct': {
      if (type.presence !== 'always') return 1
      const fields = type.fields.reduce((sum, field) => sum + minBytes(field.type), 0)
      return fields + (type.tagged === null ? 0 : 1)
    }
    default:
      return scalarBytes[type.kind]
  }
}

/** The default of a field: the declared one, else the empty value of its type. */
export function defaultOf(field: Field): unknown {
  return field.default === undefined ? emptyOf(field.type) : field.default
}

const noItems: readonly unknown[] = Object.freeze([])

function emptyOf(type: TypeNode): unknown {
  switch (type.kind) {
    case 'bool':
      return false
    case 'bigint64':
      return 0n
    case 'string':
      return ''
    case 'uuid':
      return ZERO_UUID
    case 'bytes':
      return EMPTY_BYTES
    case 'records':
      return null
    case 'array':
      return noItems
    case 'nullable':
      return emptyOf(type.of)
    case 'struct':
      return Object.freeze(
        Object.fromEntries(
          Object.entries(type.fields).map(([name, field]) => [name, defaultOf(field)]),
        ),
      )
    default:
      return 0
  }
}

/** Whether a value says no more than the default does, so that it may be left out. */
export function isDefault(value: unknown, defaultValue: unknown): boolean {
  if (value === undefined || value === defaultValue) return true
  if (typeof value !== 'object' || value === null) return false
  if (typeof defaultValue !== 'object' || defaultValue === null) return false
  if (Array.isArray(value) || value instanceof Uint8Array) {
    return value.length === 0 && 'length' in defaultValue && defaultValue.length === 0
  }
  if (unknownTags(value).length > 0) return false
  return Object.entries(value).every(([name, inner]) =>
    isDefault(inner, (defaultValue as Readonly<Record<string, unknown>>)[name]),
  )
}

const ranges = new Map<string, VersionRange>()

function rangeOf(field: Field): VersionRange {
  const known = ranges.get(field.versions)
  if (known !== undefined) return known
  const range = versionRange(field.versions)
  ranges.set(field.versions, range)
  return range
}
