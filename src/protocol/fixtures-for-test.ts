/** Random values of any message, for property tests and fuzzing. */
import type { Random } from '../kernel/environment.ts'
import { planOf, type StructPlan, type TypePlan } from './plan.ts'
import { uuidText } from './primitives.ts'
import type { Fields, Message, Read } from './schema.ts'
import { attachUnknownTags } from './unknown-tags.ts'

/** Lists are mostly short, so that deep messages stay small. */
const LONGEST_LIST = 4
/** Tags above any that Kafka has given out. */
const FIRST_UNKNOWN_TAG = 1000

/**
 * A value that `version` of `message` can carry: what a reader of its encoding gives back. Fields
 * hold extremes more often than chance would, and now and then a struct has unknown tagged fields.
 */
export function randomValue<F extends Fields>(
  random: Random,
  message: Message<F>,
  version: number,
): Read<F> {
  // The plan is made from the same declaration as the type.
  return anyStruct(random, planOf(message, version)) as Read<F>
}

function any(random: Random, type: TypePlan): unknown {
  switch (type.kind) {
    case 'bool':
      return random.below(2) === 1
    case 'int8':
      return integer(random, 8)
    case 'int16':
      return integer(random, 16)
    case 'uint16':
      return integer(random, 16) + 0x8000
    case 'int32':
      return integer(random, 32)
    case 'uint32':
      return integer(random, 32) + 0x8000_0000
    case 'int64':
      return safeInteger(random)
    case 'bigint64':
      return new DataView(random.bytes(8).slice().buffer).getBigInt64(0)
    case 'float64':
      return safeInteger(random) / 1024
    case 'uuid':
      return uuidText(random.below(4) === 0 ? new Uint8Array(16) : random.bytes(16), 0)
    case 'string':
      return mayBeNull(random, type) ? null : text(random)
    case 'bytes':
    case 'records':
      return mayBeNull(random, type) ? null : new Uint8Array(random.bytes(random.below(700)))
    case 'array':
      return mayBeNull(random, type)
        ? null
        : Array.from({ length: random.below(LONGEST_LIST) }, () => any(random, type.of))
    case 'struct':
      return mayBeNull(random, { nullable: type.presence !== 'always' })
        ? null
        : anyStruct(random, type)
  }
}

function anyStruct(random: Random, plan: StructPlan): object {
  const absent = new Map(plan.absent.map((field) => [field.name, field.default]))
  const types = new Map([...plan.fields, ...(plan.tagged ?? [])].map((one) => [one.name, one]))
  const value = Object.fromEntries(
    plan.names.map((name) => {
      const field = types.get(name)
      if (field === undefined) return [name, absent.get(name)]
      const isTagged = plan.tagged?.some((one) => one.name === name)
      return [name, isTagged && random.below(2) === 0 ? field.fallback : any(random, field.type)]
    }),
  )
  if (plan.tagged !== null && random.below(20) === 0) {
    const bytes = new Uint8Array(random.bytes(random.below(200)))
    attachUnknownTags(value, [{ tag: FIRST_UNKNOWN_TAG + random.below(9), bytes }])
  }
  return value
}

const mayBeNull = (random: Random, type: { readonly nullable: boolean }): boolean =>
  type.nullable && random.below(3) === 0

function integer(random: Random, bits: number): number {
  const half = 2 ** (bits - 1)
  const extremes = [0, -1, 1, half - 1, -half]
  return random.below(2) === 0
    ? extremes[random.below(extremes.length)]!
    : random.below(2 ** bits) - half
}

function safeInteger(random: Random): number {
  const extremes = [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 32, -(2 ** 32)]
  return random.below(2) === 0
    ? extremes[random.below(extremes.length)]!
    : (random.below(2 ** 22) - 2 ** 21) * 2 ** 31 + random.below(2 ** 31)
}

const characters = ['a', 'Z', '-', '.', 'é', '€', '😀', '\0']

function text(random: Random): string {
  const length = random.below(20) === 0 ? random.below(400) : random.below(24)
  const isPlain = random.below(2) === 0
  return Array.from({ length }, () =>
    isPlain ? 'topic-name'[random.below(10)]! : characters[random.below(characters.length)]!,
  ).join('')
}
