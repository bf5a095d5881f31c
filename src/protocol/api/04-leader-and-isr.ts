import { api } from '../schema.ts'

export const leaderAndIsr = api({
  key: 4,
  name: 'LeaderAndIsr',
  versions: 'none',
  flexible: 'none',
  request: {},
  response: {},
})
