import { api, array, field, int16, string } from '../schema.ts'

export const saslHandshake = api({
  key: 17,
  name: 'SaslHandshake',
  versions: '0-1',
  flexible: 'none',
  request: {
    mechanism: field(string),
  },
  response: {
    errorCode: field(int16),
    mechanisms: field(array(string)),
  },
})
