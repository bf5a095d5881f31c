/**
 * How messages are declared (STYLE example 1). A message is one value that says of every field its
 * type, the versions that carry it, its default and where it may be null; the TypeScript shapes of
 * readers and writers follow from it. Nothing here reads or writes bytes: see `codec.ts`.
 */
import type { Reader } from './reader.ts'
import { type VersionRange, type Versions, versionRange } from './versions.ts'
import type { Writer } from './writer.ts'

/** What a type is, without its TypeScript shapes. */
export type TypeNode =
  | { readonly kind: Scalar | 'string' | 'bytes' | 'records' }
  | { readonly kind: 'array'; readonly of: TypeNode }
  | { readonly kind: 'struct'; readonly fields: Fields }
  | { readonly kind: 'nullable'; readonly of: TypeNode; readonly versions: Versions }

/** Types of a fixed width. */
export type Scalar =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'bigint64'
  | 'float64'
  | 'uuid'

declare const shapes: unique symbol

/** A type whose reader yields `Read` and whose writer takes `Write`. */
export type Type<Read, Write = Read> = TypeNode & { readonly [shapes]?: [Read, Write] }

/** One field of a struct. `Optional` says whether a writer may leave it out. */
export interface Field<Read = unknown, Write = Read, Optional extends boolean = boolean> {
  readonly type: TypeNode
  readonly versions: Versions
  /** What readers of versions without the field see; undefined: the type's own empty value. */
  readonly default: unknown
  /** A value of a field that the version lacks is dropped silently instead of refused. */
  readonly ignorable: boolean
  /** Sent as a tagged field of this number (KIP-482), and only when it differs from its default. */
  readonly tag: number | undefined
  /** Length prefix of the old form even in flexible versions (the client id of request headers). */
  readonly neverCompact: boolean
  readonly [shapes]?: [Read, Write, Optional]
}

export type Fields = Readonly<Record<string, Field>>

/** What a reader of these fields gives: every field, absent ones with their defaults. */
export type Read<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer R, infer _W, infer _O> ? R : never
}

/** What a writer of these fields takes: fields with a default may be left out. */
export type Write<F extends Fields> = {
  readonly [K in keyof F as IsOptional<F[K]> extends true ? never : K]: Written<F[K]>
} & {
  readonly [K in keyof F as IsOptional<F[K]> extends true ? K : never]?: Written<F[K]> | undefined
}

type IsOptional<T> = T extends Field<infer _R, infer _W, infer O> ? O : never
type Written<T> = T extends Field<infer _R, infer W, infer _O> ? W : never

export const bool: Type<boolean> = { kind: 'bool' }
export const int8: Type<number> = { kind: 'int8' }
export const int16: Type<number> = { kind: 'int16' }
export const uint16: Type<number> = { kind: 'uint16' }
export const int32: Type<number> = { kind: 'int32' }
export const uint32: Type<number> = { kind: 'uint32' }
/** A 64-bit integer that is checked to be a safe one: offsets, timestamps, ids (STYLE rule 7). */
export const int64: Type<number> = { kind: 'int64' }
/** A 64-bit integer that may use all its bits: hashes, and sentinels at the top of the range. */
export const bigint64: Type<bigint> = { kind: 'bigint64' }
export const float64: Type<number> = { kind: 'float64' }
export const string: Type<string> = { kind: 'string' }
/** 22 characters of base64url, `ZERO_UUID` for none. */
export const uuid: Type<string> = { kind: 'uuid' }
/** Read as a view of the frame, so the reader owns nothing; written by reference when large. */
export const bytes: Type<Uint8Array> = { kind: 'bytes' }
/** Record batches. Read as a view; written by reference, as one piece or as several in order. */
export const records: Type<Uint8Array, Uint8Array | readonly Uint8Array[]> = { kind: 'records' }

/** A type that may be null, in all versions of its field or only in some. */
export function nullable<R, W>(
  of: Type<R, W>,
  versions: Versions = '0+',
): Type<R | null, W | null> {
  return { kind: 'nullable', of, versions }
}

/** A struct of its own, not in an array. */
export function struct<F extends Fields>(fields: F): Type<Read<F>, Write<F>> {
  return { kind: 'struct', fields }
}

/** Any number of one type, or of structs with these fields. */
export function array<F extends Fields>(of: F): Type<readonly Read<F>[], readonly Write<F>[]>
export function array<R, W>(of: Type<R, W>): Type<readonly R[], readonly W[]>
export function array(of: TypeNode | Fields): TypeNode {
  return { kind: 'array', of: isType(of) ? of : { kind: 'struct', fields: of } }
}

function isType(of: TypeNode | Fields): of is TypeNode {
  return typeof of.kind === 'string'
}

/** Extra facts of a field. */
export interface FieldOptions {
  readonly ignorable?: boolean
  readonly neverCompact?: boolean
}

/** Marks a field that a writer may set though the version cannot carry it. */
export const ignorable: FieldOptions = { ignorable: true }

/**
 * A field. Without a default a writer must give it. A field that some version lacks needs one,
 * which is then also what readers of those versions see.
 */
export function field<R, W>(
  type: Type<R, W>,
  versions: Versions,
  defaultValue: W,
  options?: FieldOptions,
): Field<R, W, true>
export function field<R, W>(type: Type<R, W>): Field<R, W, false>
export function field<R, W>(
  type: Type<R, W>,
  versions: Versions = '0+',
  defaultValue?: W,
  options: FieldOptions = {},
): Field<R, W> {
  return {
    type,
    versions,
    default: defaultValue,
    ignorable: options.ignorable === true,
    tag: undefined,
    neverCompact: options.neverCompact === true,
  }
}

/** A tagged field. Its default, if not given, is the type's empty value: 0, '', [], {defaults}. */
export function tagged<R, W>(
  tag: number,
  type: Type<R, W>,
  versions: Versions = '0+',
  defaultValue?: W,
  options: FieldOptions = {},
): Field<R, W, true> {
  return {
    type,
    versions,
    default: defaultValue,
    ignorable: options.ignorable === true,
    tag,
    neverCompact: false,
  }
}

/** A message: its fields in all its versions. */
export interface Message<F extends Fields = Fields> {
  /** The key of the API, or the number of the record type where a topic or file mixes types. */
  readonly key: number | undefined
  readonly name: string
  readonly versions: VersionRange
  /** The versions that use compact lengths and tagged fields (KIP-482). */
  readonly flexible: VersionRange
  readonly fields: F
  /** Whether its versions are compiled on first use instead of interpreted (ARCHITECTURE §9). */
  readonly hot: boolean
  /** One entry per version used so far, filled by `codec.ts`. */
  readonly codecs: (MessageCodec | undefined)[]
}

/** Reads and writes one version of one message. */
export interface MessageCodec {
  /** @throws KafkaError INVALID_REQUEST when the bytes are not a value of this version. */
  readonly read: (reader: Reader) => unknown
  /** @throws KafkaError UNSUPPORTED_VERSION for a value that this version cannot carry. */
  readonly write: (writer: Writer, value: unknown) => void
}

/** What `message` is told. */
export interface MessageDefinition<F extends Fields> {
  readonly key?: number
  readonly name: string
  readonly versions: Versions
  readonly flexible: Versions
  readonly fields: F
  readonly hot?: boolean
}

/** Declares a message that is not a request or a response: headers, stored records. */
export function message<F extends Fields>(definition: MessageDefinition<F>): Message<F> {
  return {
    key: definition.key,
    name: definition.name,
    versions: versionRange(definition.versions),
    flexible: versionRange(definition.flexible),
    fields: definition.fields,
    hot: definition.hot === true,
    codecs: [],
  }
}

/** A request and its response: both have the same versions. */
export interface Api<Request extends Fields = Fields, Response extends Fields = Fields> {
  readonly key: number
  /** Kafka's name, without 'Request' or 'Response'. */
  readonly name: string
  readonly versions: VersionRange
  readonly flexible: VersionRange
  /** The newest version that may be offered to peers who did not ask for unfinished ones. */
  readonly latestStable: number
  readonly request: Message<Request>
  readonly response: Message<Response>
}

/** What `api` is told. */
export interface ApiDefinition<Request extends Fields, Response extends Fields> {
  readonly key: number
  readonly name: string
  readonly versions: Versions
  readonly flexible: Versions
  /** Versions that Kafka itself does not serve unless told to. */
  readonly unstable?: Versions
  /** Both messages are compiled instead of interpreted. */
  readonly hot?: boolean
  readonly request: Request
  readonly response: Response
}

/** Declares an API: one file per key, `api/NN-name.ts`. */
export function api<Request extends Fields, Response extends Fields>(
  definition: ApiDefinition<Request, Response>,
): Api<Request, Response> {
  const { key, name, versions, flexible, hot = false } = definition
  const range = versionRange(versions)
  return {
    key,
    name,
    versions: range,
    flexible: versionRange(flexible),
    latestStable:
      definition.unstable === undefined ? range.to : versionRange(definition.unstable).from - 1,
    request: message({
      key,
      name: `${name}Request`,
      versions,
      flexible,
      hot,
      fields: definition.request,
    }),
    response: message({
      key,
      name: `${name}Response`,
      versions,
      flexible,
      hot,
      fields: definition.response,
    }),
  }
}

/** The decoded body of a message. */
export type Value<M> = M extends Message<infer F> ? Read<F> : never
/** The body of a message as an encoder takes it. */
export type Input<M> = M extends Message<infer F> ? Write<F> : never
export type RequestOf<A> = A extends Api<infer F, infer _> ? Read<F> : never
export type ResponseOf<A> = A extends Api<infer _, infer F> ? Read<F> : never
export type RequestInput<A> = A extends Api<infer F, infer _> ? Write<F> : never
export type ResponseInput<A> = A extends Api<infer _, infer F> ? Write<F> : never
