/**
 * Whole frames: what follows the four bytes of size on a connection when it is read, and what goes
 * onto a connection, size included, when it is written.
 */
import { decode, decodeNext, encodeNext } from './codec.ts'
import { KafkaError } from './errors.ts'
import {
  isKnownKey,
  requestHeader,
  requestHeaderVersion,
  responseHeader,
  responseHeaderVersion,
} from './header.ts'
import { Reader } from './reader.ts'
import type { Api, RequestInput, RequestOf, ResponseInput, ResponseOf } from './schema.ts'
import { Writer } from './writer.ts'

/** A request whose header has been read and whose body has not. */
export interface IncomingRequest {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  /** The whole frame; the body's views will point into it. */
  readonly frame: Uint8Array
  /** Where the body begins. */
  readonly bodyAt: number
}

const writer = new Writer()

/**
 * Reads the header of a request frame. The version is not judged here: one that nobody serves is
 * still answered, when it is ApiVersions.
 * @throws KafkaError INVALID_REQUEST for bytes without a header or a key that Kafka does not know;
 *   such a frame cannot be answered, only its connection closed.
 */
export function decodeRequest(frame: Uint8Array): IncomingRequest {
  const reader = new Reader(frame)
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  if (!isKnownKey(apiKey)) {
    throw new KafkaError('INVALID_REQUEST', `there is no api of key ${apiKey}`)
  }
  reader.at = 0
  const header = decodeNext(requestHeader, requestHeaderVersion(apiKey, apiVersion), reader)
  const { correlationId, clientId } = header
  return { apiKey, apiVersion, correlationId, clientId, frame, bodyAt: reader.at }
}

/** The body of a request. Bytes behind it are left out, as Kafka does: some clients send a few too many
 *  (librdkafka 2.12 with Metadata). @throws KafkaError as `decode` does. */
export function decodeRequestBody<A extends Api>(api: A, request: IncomingRequest): RequestOf<A> {
  const reader = new Reader(request.frame)
  reader.at = request.bodyAt
  return decodeNext(api.request, request.apiVersion, reader) as RequestOf<A>
}

/**
 * A response as the chunks to send in order, the first of which begins with the size.
 * @throws KafkaError as `encode` does.
 */
export function encodeResponse<A extends Api>(
  api: A,
  apiVersion: number,
  correlationId: number,
  response: ResponseInput<A>,
): Uint8Array[] {
  writer.begin()
  writer.reserveSize()
  const header = { correlationId }
  encodeNext(responseHeader, responseHeaderVersion(api.key, apiVersion), header, writer)
  encodeNext(api.response, apiVersion, response, writer)
  return writer.finishSized()
}

/** A request, in the same form, for the side that asks. */
export function encodeRequest<A extends Api>(
  api: A,
  apiVersion: number,
  correlationId: number,
  clientId: string | null,
  request: RequestInput<A>,
): Uint8Array[] {
  writer.begin()
  writer.reserveSize()
  encodeNext(
    requestHeader,
    requestHeaderVersion(api.key, apiVersion),
    { requestApiKey: api.key, requestApiVersion: apiVersion, correlationId, clientId },
    writer,
  )
  encodeNext(api.request, apiVersion, request, writer)
  return writer.finishSized()
}

/** Which request a response frame answers: what `decodeResponse` needs is known from that. */
export function correlationIdOf(frame: Uint8Array): number {
  return new Reader(frame).int32()
}

/**
 * The body of a response frame.
 * @param apiVersion of the request; 0 for an ApiVersions answer whose error is UNSUPPORTED_VERSION.
 * @throws KafkaError as `decode` does.
 */
export function decodeResponse<A extends Api>(
  api: A,
  apiVersion: number,
  frame: Uint8Array,
): ResponseOf<A> {
  const reader = new Reader(frame)
  decodeNext(responseHeader, responseHeaderVersion(api.key, apiVersion), reader)
  return decode(api.response, apiVersion, frame, reader.at) as ResponseOf<A>
}
