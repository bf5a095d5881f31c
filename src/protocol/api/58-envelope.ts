import { api, bytes, field, int16, nullable } from '../schema.ts'

export const envelope = api({
  key: 58,
  name: 'Envelope',
  versions: '0',
  flexible: '0+',
  request: {
    requestData: field(bytes),
    requestPrincipal: field(nullable(bytes)),
    clientHostAddress: field(bytes),
  },
  response: {
    responseData: field(nullable(bytes), '0+', null),
    errorCode: field(int16),
  },
})
