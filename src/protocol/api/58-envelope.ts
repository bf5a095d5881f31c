import { api, bytes, field, int16, nullable } from '../schema.ts'

/** Envelope (58): a broker forwards a client's request to the controller, with the client's
 *  principal (KIP-590). */
export const envelope = api({
  key: 58,
  name: 'Envelope',
  versions: '0',
  flexible: '0+',
  request: {
    /** The client's request, header included. */
    requestData: field(bytes),
    /** null: not authenticated. As `defaultPrincipalData` behind its version. */
    requestPrincipal: field(nullable(bytes)),
    /** 4 or 16 bytes. */
    clientHostAddress: field(bytes),
  },
  response: {
    /** The answer for the client, header included; null with an error. */
    responseData: field(nullable(bytes), '0+', null),
    errorCode: field(int16),
  },
})
