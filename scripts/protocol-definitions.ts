/**
 * Compares our declarations with Kafka's published definitions, which lie beside the repository and
 * are never part of it.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { requestHeader, responseHeader } from '../src/protocol/header.ts'
import { internalMessages } from '../src/protocol/internal/registry.ts'
import { defaultOf } from '../src/protocol/plan.ts'
import { apiOfKey, apis } from '../src/protocol/registry.ts'
import type { Field, Fields, Message, TypeNode } from '../src/protocol/schema.ts'
import { type VersionRange, type Versions, versionRange } from '../src/protocol/versions.ts'

/** Reference data of Kafka 4.3. */
export const folder = new URL('../../shared/reference/kafka/', import.meta.url).pathname

/** Why nothing can be compared here; undefined when it can. */
export const missingReference = existsSync(folder)
  ? undefined
  : 'skipped: ../shared/reference/kafka is not here'

/** All messages that we declare. */
export const allMessages: readonly Message[] = [
  requestHeader,
  responseHeader,
  ...apis.flatMap((api) => [api.request, api.response]),
  ...internalMessages,
]

interface PublishedField {
  readonly name: string
  readonly type: string
  readonly versions?: Versions
  readonly taggedVersions?: Versions
  readonly nullableVersions?: Versions
  readonly flexibleVersions?: Versions
  readonly default?: string | number | boolean | null
  readonly ignorable?: boolean | 'true' | 'false'
  readonly tag?: number
  readonly fields?: readonly PublishedField[]
}

interface Published {
  readonly name: string
  readonly apiKey?: number
  readonly validVersions: Versions
  readonly flexibleVersions?: Versions
  readonly latestVersionUnstable?: boolean
  readonly fields?: readonly PublishedField[]
  readonly commonStructs?: readonly { name: string; fields: readonly PublishedField[] }[]
}

/** Every difference between what we declare and what is published, as sentences. */
export function definitionDifferences(): string[] {
  const published = globSync(`${folder}messages/*/*.json`).map(readDefinition)
  const ours = new Map(allMessages.map((message) => [message.name, message]))
  const theirs = new Set(published.map((definition) => definition.name))
  return [
    ...allMessages
      .filter((one) => !theirs.has(one.name))
      .map((one) => `${one.name}: not published`),
    ...published.flatMap((definition) => {
      const message = ours.get(definition.name)
      return message === undefined
        ? [`${definition.name}: not declared`]
        : compareMessage(message, definition)
    }),
  ]
}

function readDefinition(path: string): Published {
  const text = readFileSync(path, 'utf8')
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/(^|[\s,])\/\/.*$/gm, '$1')
  return JSON.parse(text)
}

function compareMessage(message: Message, definition: Published): string[] {
  const valid = versionRange(definition.validVersions)
  const flexible = versionRange(definition.flexibleVersions ?? 'none')
  const wrong = (what: string, ours: unknown, theirs: unknown): string[] =>
    same(ours, theirs) ? [] : [`${message.name}: ${what} ${show(ours)}, published ${show(theirs)}`]
  const unstable =
    definition.latestVersionUnstable === true
      ? wrong('latestStable', apiOfKey(definition.apiKey ?? -1)?.latestStable, valid.to - 1)
      : []
  return [
    ...wrong('key', message.key, definition.apiKey),
    ...wrong('versions', message.versions, valid),
    ...wrong('flexible versions', message.flexible, flexible),
    ...unstable,
    ...compareFields(message.fields, definition.fields ?? [], {
      path: message.name,
      versions: valid,
      structs: new Map(definition.commonStructs?.map((one) => [one.name, one.fields])),
    }),
  ]
}

/** Where a comparison is: the versions are those in which the enclosing struct exists. */
interface Place {
  readonly path: string
  readonly versions: VersionRange
  readonly structs: ReadonlyMap<string, readonly PublishedField[]>
}

function compareFields(ours: Fields, theirs: readonly PublishedField[], place: Place): string[] {
  const present = theirs.filter((one) => !isEmpty(rangeOf(one, place)))
  const names = present.map((one) => camelCase(one.name))
  if (!same(Object.keys(ours), names)) {
    return [`${place.path}: fields ${Object.keys(ours)}, published ${names}`]
  }
  return present.flatMap((one) => {
    const name = camelCase(one.name)
    const path = `${place.path}.${name}`
    return compareField(ours[name]!, one, { ...place, path, versions: rangeOf(one, place) }, place)
  })
}

function compareField(ours: Field, theirs: PublishedField, place: Place, parent: Place): string[] {
  const { type, nullable } = withoutNull(ours.type)
  const nulls = intersect(versionRange(theirs.nullableVersions ?? 'none'), place.versions)
  const isPartial = !same(place.versions, parent.versions)
  const facts: readonly (readonly [what: string, ours: unknown, theirs: unknown])[] = [
    ['versions', intersect(versionRange(ours.versions), parent.versions), place.versions],
    ['nullable', intersect(versionRange(nullable), place.versions), nulls],
    ['tag', ours.tag, theirs.tag],
    ['default', plain(defaultOf(ours)), publishedDefault(theirs)],
    ['never compact', ours.neverCompact, theirs.flexibleVersions === 'none'],
    ['ignorable', isPartial && ours.ignorable, isPartial && String(theirs.ignorable) === 'true'],
  ]
  const differences = facts
    .filter(([, a, b]) => b !== undefined || a !== undefined)
    .filter(([what, a, b]) => !(what === 'default' && b === 'struct') && !same(a, b))
    .map(([what, a, b]) => `${place.path}: ${what} ${show(a)}, published ${show(b)}`)
  return [...differences, ...compareType(type, theirs, place)]
}

function compareType(ours: TypeNode, theirs: PublishedField, place: Place): string[] {
  const isArray = theirs.type.startsWith('[]')
  if (isArray !== (ours.kind === 'array')) return [`${place.path}: an array on one side only`]
  const type = ours.kind === 'array' ? ours.of : ours
  const published = theirs.type.replace('[]', '')
  if (type.kind === 'struct') {
    const fields = theirs.fields ?? place.structs.get(published)
    return fields === undefined
      ? [`${place.path}: a struct, published ${published}`]
      : compareFields(type.fields, fields, place)
  }
  const kind = type.kind === 'bigint64' ? 'int64' : type.kind
  return kind === published ? [] : [`${place.path}: ${kind}, published ${published}`]
}

function withoutNull(type: TypeNode): { type: TypeNode; nullable: Versions } {
  return type.kind === 'nullable'
    ? { type: type.of, nullable: type.versions }
    : { type, nullable: 'none' }
}

/** The default in the form of `plain`; 'struct' when it is made of the defaults of fields. A null
 *  in the JSON itself, unlike the text 'null', counts as no default given. */
function publishedDefault(field: PublishedField): unknown {
  const text = String(field.default ?? '').toLowerCase()
  if (text === 'null') return null
  if (field.type.startsWith('[]') || field.type === 'bytes') return '[]'
  if (/^[A-Z]/.test(field.type)) return 'struct'
  if (field.type === 'bool') return String(text === 'true')
  if (field.type === 'string') return field.default ?? ''
  if (field.type === 'uuid') return 'AAAAAAAAAAAAAAAAAAAAAA'
  if (field.type === 'records') return null
  return String(text === '' ? 0 : BigInt(text))
}

function plain(value: unknown): unknown {
  if (value === null || typeof value === 'string') return value
  if (Array.isArray(value) || value instanceof Uint8Array) return '[]'
  return typeof value === 'object' ? 'struct' : String(value)
}

const camelCase = (name: string): string => name[0]!.toLowerCase() + name.slice(1)
const isEmpty = (range: VersionRange): boolean => range.to < range.from
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing'

function rangeOf(field: PublishedField, place: Place): VersionRange {
  const own = field.versions ?? field.taggedVersions ?? 'none'
  return intersect(versionRange(own), place.versions)
}

function intersect(a: VersionRange, b: VersionRange): VersionRange {
  const both = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }
  return isEmpty(both) ? { from: 0, to: -1 } : both
}
