/** The headers before every request and response body. */
import { field, int16, int32, message, nullable, string } from './schema.ts'

/** v2 is flexible: it ends in tagged fields. */
export const requestHeader = message({
  name: 'RequestHeader',
  versions: '1-2',
  flexible: '2+',
  hot: true,
  fields: {
    requestApiKey: field(int16),
    requestApiVersion: field(int16),
    /** Chosen by the client; the answer repeats it. */
    correlationId: field(int32),
    /** Has the old form of length in both versions, so that a broker can read the header of an
     *  ApiVersions request that is newer than it knows. */
    clientId: field(nullable(string), '0+', '', { neverCompact: true }),
  },
})

/** v1 is flexible. */
export const responseHeader = message({
  name: 'ResponseHeader',
  versions: '0-1',
  flexible: '1+',
  hot: true,
  fields: { correlationId: field(int32) },
})

const API_VERSIONS_KEY = 18

/**
 * The first flexible version of each key from 0 on, 99 where there is none. It repeats what `api/`
 * declares, so that the header of any request can be read without loading the declarations of APIs
 * that the process does not serve, most of its start; a test holds the two equal.
 */
const firstFlexible: readonly number[] = [
  9, 12, 6, 9, 99, 99, 99, 99, 8, 6, 3, 6, 4, 4, 4, 5, 3, 99, 3, 5, 4, 2, 2, 4, 3, 3, 3, 1, 3, 2, 2,
  2, 4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 0, 0, 99, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]

/** Whether Kafka knows the key. The headers of others cannot be read. */
export function isKnownKey(apiKey: number): boolean {
  return apiKey >= 0 && apiKey < firstFlexible.length
}

/** The version of the header that a request has. Versions that are newer than we know count as
 *  flexible where the newest known one is. */
export function requestHeaderVersion(apiKey: number, apiVersion: number): number {
  return apiVersion >= firstFlexible[apiKey]! ? 2 : 1
}

/** Answers to ApiVersions keep the first header for ever: a client reads them before it knows which
 *  versions the broker speaks (KIP-511). */
export function responseHeaderVersion(apiKey: number, apiVersion: number): number {
  return apiVersion >= firstFlexible[apiKey]! && apiKey !== API_VERSIONS_KEY ? 1 : 0
}
