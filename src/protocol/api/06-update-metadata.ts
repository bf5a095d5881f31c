import { api } from '../schema.ts'

export const updateMetadata = api({
  key: 6,
  name: 'UpdateMetadata',
  versions: 'none',
  flexible: 'none',
  request: {},
  response: {},
})
