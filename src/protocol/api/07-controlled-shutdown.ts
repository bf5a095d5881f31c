import { api } from '../schema.ts'

export const controlledShutdown = api({
  key: 7,
  name: 'ControlledShutdown',
  versions: 'none',
  flexible: 'none',
  request: {},
  response: {},
})
