import { api, field, ignorable, int16, int32, nullable, string } from '../schema.ts'

/** Heartbeat (12): keeps a classic-group member alive, and tells it of a rebalance.
 *  v1 answers throttleTimeMs · v3 adds groupInstanceId (KIP-345) · v4 is flexible. */
export const heartbeat = api({
  key: 12,
  name: 'Heartbeat',
  versions: '0-4',
  flexible: '4+',
  request: {
    groupId: field(string),
    generationId: field(int32),
    memberId: field(string),
    groupInstanceId: field(nullable(string), '3+', null),
  },
  response: {
    throttleTimeMs: field(int32, '1+', 0, ignorable),
    errorCode: field(int16),
  },
})
