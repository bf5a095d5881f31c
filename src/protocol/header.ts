/** The headers before every request and response body. */
import { field, int16, int32, message, nullable, string } from './schema.ts'
import { includes, type VersionRange } from './versions.ts'

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

/** The facts of an API that its headers depend on. */
interface Headed {
  readonly key: number
  readonly flexible: VersionRange
}

/** The version of the header that a request of this API and version has. Versions that are newer
 *  than we know count as flexible where the newest known one is. */
export function requestHeaderVersion(api: Headed, apiVersion: number): number {
  return includes(api.flexible, apiVersion) ? 2 : 1
}

/** Answers to ApiVersions keep the first header for ever: a client reads them before it knows which
 *  versions the broker speaks (KIP-511). */
export function responseHeaderVersion(api: Headed, apiVersion: number): number {
  return includes(api.flexible, apiVersion) && api.key !== API_VERSIONS_KEY ? 1 : 0
}
