import { api, array, field, int16, string } from '../schema.ts'

/** SaslHandshake (17): chooses a SASL mechanism.
 *  After v0 the tokens follow as bare frames, after v1 in SaslAuthenticate requests (KIP-152). */
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
