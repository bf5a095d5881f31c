import { api, bytes, field, ignorable, int16, int64, nullable, string } from '../schema.ts'

/** SaslAuthenticate (36): carries one step of a SASL exchange (KIP-152).
 *  v1 answers the lifetime of the session (KIP-368) · v2 is flexible. */
export const saslAuthenticate = api({
  key: 36,
  name: 'SaslAuthenticate',
  versions: '0-2',
  flexible: '2+',
  request: {
    authBytes: field(bytes),
  },
  response: {
    errorCode: field(int16),
    errorMessage: field(nullable(string)),
    authBytes: field(bytes),
    /** Time after which the client must authenticate again; 0: never. */
    sessionLifetimeMs: field(int64, '1+', 0, ignorable),
  },
})
