import { api } from '../schema.ts'

export const stopReplica = api({
  key: 5,
  name: 'StopReplica',
  versions: 'none',
  flexible: 'none',
  request: {},
  response: {},
})
