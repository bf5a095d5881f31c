/** Principals, as brokers pass them on. */

import { bool, field, message, string } from '../schema.ts'

/** A principal inside an Envelope request (KIP-590). */
export const defaultPrincipalData = message({
  name: 'DefaultPrincipalData',
  versions: '0',
  flexible: '0+',
  fields: {
    type: field(string),
    name: field(string),
    tokenAuthenticated: field(bool),
  },
})
