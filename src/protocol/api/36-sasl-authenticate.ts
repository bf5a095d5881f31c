import { api, bytes, field, ignorable, int16, int64, nullable, string } from '../schema.ts'

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
    sessionLifetimeMs: field(int64, '1+', 0, ignorable),
  },
})
