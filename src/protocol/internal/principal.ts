import { bool, field, message, string } from '../schema.ts'

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
