/**
 * Turns a plan into JavaScript, once per version of the four hot APIs (Produce, Fetch, Metadata,
 * OffsetCommit), so that decoding builds objects of one known shape and calls each primitive
 * directly. Does what `interpreter.ts` does, at several times its speed (`bench/protocol.ts`); a
 * property test compares the two. Tagged fields with other than default values are rare, and left
 * to the interpreter.
 *
 * The source holds nothing but our own declarations: no byte from outside ever becomes part of it.
 */
import { notA, readTags, refuseAbsent, refuseNull, writeTagged } from './interpreter.ts'
import type { ArrayPlan, FieldPlan, StructPlan, TypePlan } from './plan.ts'
import type { MessageCodec } from './schema.ts'
import { attachUnknownTags, unknownTags } from './unknown-tags.ts'

const helpers = {
  attachUnknownTags,
  notA,
  readTags,
  refuseAbsent,
  refuseNull,
  unknownTags,
  writeTagged,
}

/** The program under construction: functions, and the values they refer to as `constants[n]`. */
class Program {
  readonly functions: string[] = []
  readonly constants: unknown[] = []
  #names = 0

  name(prefix: string): string {
    return `${prefix}${this.#names++}`
  }

  /** An expression for `value`: a literal where it has one. */
  constant(value: unknown): string {
    if (value === null || value === undefined || typeof value === 'boolean') return String(value)
    if (typeof value === 'number' || typeof value === 'string') return JSON.stringify(value)
    if (typeof value === 'bigint') return `${value}n`
    return `constants[${this.constants.push(value) - 1}]`
  }

  /** Adds a function. @returns its name. */
  define(prefix: string, parameters: string, lines: readonly string[]): string {
    const name = this.name(prefix)
    this.functions.push(`function ${name}(${parameters}) {\n${lines.join('\n')}\n}`)
    return name
  }
}

export function compile(plan: StructPlan): MessageCodec {
  const program = new Program()
  const read = structReader(program, plan)
  const write = structWriter(program, plan)
  const source = `'use strict'
const { ${Object.keys(helpers).join(', ')} } = helpers
${program.functions.join('\n')}
return { read: ${read}, write: (writer, value) => ${write}(writer, value, 'message') }`
  const make = new Function('helpers', 'constants', source)
  // The source ends in returning exactly these two functions.
  return make(helpers, program.constants) as MessageCodec
}

/** An expression that reads one value. */
function readExpression(program: Program, type: TypePlan): string {
  switch (type.kind) {
    case 'string':
      return `reader.${variant('String', type)}()`
    case 'bytes':
    case 'records':
      return `reader.${variant('Data', type)}()`
    case 'array':
      return `${arrayReader(program, type)}(reader)`
    case 'struct':
      return `${structReader(program, type)}(reader)`
    default:
      return `reader.${type.kind}()`
  }
}

/** The name of a reader's method: `string`, `nullableString`, `compactString` and so on. */
function variant(what: string, type: { compact: boolean; nullable: boolean }): string {
  const words = [type.compact ? 'compact' : '', type.nullable ? 'Nullable' : '', what].join('')
  return words[0]!.toLowerCase() + words.slice(1)
}

function arrayReader(program: Program, type: ArrayPlan): string {
  const length = type.compact ? 'compactArrayLength' : 'arrayLength'
  const onNull = type.nullable
    ? 'return null'
    : `throw reader.invalid('null for an array that may not be null')`
  return program.define('readArray', 'reader', [
    `const count = reader.${length}(${type.minBytes})`,
    `if (count < 0) ${onNull}`,
    'const values = []',
    `for (let index = 0; index < count; index++) {`,
    `  values.push(${readExpression(program, type.of)})`,
    '}',
    'return values',
  ])
}

function structReader(program: Program, plan: StructPlan): string {
  const lines: string[] = []
  if (plan.presence === 'byte') lines.push('if (reader.int8() < 0) return null')
  if (plan.presence === 'varint') lines.push('if (reader.unsignedVarint() === 0) return null')
  /** Where the value of each field is found. */
  const sources = new Map<string, string>()
  const declare = (name: string, expression: string, keyword: 'const' | 'let'): void => {
    const variable = `field${sources.size}`
    sources.set(name, variable)
    lines.push(`${keyword} ${variable} = ${expression}`)
  }
  for (const field of plan.fields) declare(field.name, readExpression(program, field.type), 'const')
  for (const field of plan.absent) sources.set(field.name, program.constant(field.default))
  for (const field of plan.tagged ?? []) {
    declare(field.name, program.constant(field.fallback), 'let')
  }
  if (plan.tagged !== null) {
    const cases = plan.tagged.map(
      ({ tag, name, type }) =>
        `if (tag === ${tag}) return ${sources.get(name)} = ${readExpression(program, type)}, true`,
    )
    lines.push(
      'const tags = reader.unsignedVarint()',
      `const unknown = tags === 0 ? null : readTags(reader, tags, (tag) => {`,
      ...cases,
      'return false',
      '})',
    )
  }
  const fields = plan.names.map((name) => `${name}: ${sources.get(name)}`)
  lines.push(`const value = { ${fields.join(', ')} }`)
  if (plan.tagged !== null) lines.push('if (unknown !== null) attachUnknownTags(value, unknown)')
  lines.push('return value')
  return program.define('readStruct', 'reader', lines)
}

/** Lines that write the value of the variable `value`. */
function writeLines(program: Program, type: TypePlan, name: string): string[] {
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'records': {
      const method = variant(type.kind === 'string' ? 'String' : 'Data', {
        compact: type.compact,
        nullable: false,
      })
      const check = type.nullable ? '' : `if (value === null) refuseNull(false, value, '${name}')`
      return [check, `writer.${method}(value)`]
    }
    case 'array':
      return [`${arrayWriter(program, type)}(writer, value, '${name}')`]
    case 'struct':
      return [`${structWriter(program, type)}(writer, value, '${name}')`]
    default:
      return [`writer.${type.kind}(value)`]
  }
}

function arrayWriter(program: Program, type: ArrayPlan): string {
  const writeCount = (count: string): string =>
    type.compact ? `writer.unsignedVarint(${count} + 1)` : `writer.int32(${count})`
  return program.define('writeArray', 'writer, values, name', [
    'if (values === null) {',
    `  refuseNull(${type.nullable}, values, name)`,
    `  ${writeCount('-1')}`,
    '  return',
    '}',
    `if (!Array.isArray(values)) throw notA('list', values, name)`,
    writeCount('values.length'),
    'for (const value of values) {',
    ...writeLines(program, type.of, 'item'),
    '}',
  ])
}

function structWriter(program: Program, plan: StructPlan): string {
  const lines: string[] = []
  if (plan.presence === 'always') lines.push('if (struct === null) refuseNull(false, struct, name)')
  else {
    const method = plan.presence === 'byte' ? 'int8' : 'unsignedVarint'
    const ifNull = plan.presence === 'byte' ? -1 : 0
    lines.push(`writer.${method}(struct === null ? ${ifNull} : 1)`, 'if (struct === null) return')
  }
  lines.push(`if (typeof struct !== 'object') throw notA('struct', struct, name)`)
  for (const field of plan.absent) {
    if (field.ignorable) continue
    const usual = `struct.${field.name} === ${program.constant(field.default)}`
    lines.push(
      `if (struct.${field.name} !== undefined && !(${usual})) {`,
      `  refuseAbsent(${program.constant(field)}, struct.${field.name})`,
      '}',
    )
  }
  for (const field of plan.fields) lines.push(...fieldLines(program, field))
  if (plan.tagged !== null) {
    const given = plan.tagged.map(
      ({ name, fallback }) =>
        `(struct.${name} !== undefined && struct.${name} !== ${program.constant(fallback)})`,
    )
    const any = [...given, 'unknownTags(struct).length > 0'].join(' || ')
    lines.push(
      `if (${any}) writeTagged(${program.constant(plan.tagged)}, writer, struct)`,
      'else writer.unsignedVarint(0)',
    )
  }
  return program.define('writeStruct', 'writer, struct, name', lines)
}

function fieldLines(program: Program, field: FieldPlan): string[] {
  const given = `struct.${field.name}`
  const fallback = program.constant(field.fallback)
  const value =
    field.fallback === undefined ? given : `${given} === undefined ? ${fallback} : ${given}`
  return ['{', `const value = ${value}`, ...writeLines(program, field.type, field.name), '}']
}
