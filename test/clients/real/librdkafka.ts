/** What every wrapping of librdkafka has in common when it consumes in a group. */

import type { MemberTraits } from '../groups/member.ts'

export const librdkafkaTraits: MemberTraits = {
  name: 'librdkafka',
  protocol: 'classic',
  patterns: 'followed',
  pauses: true,
  seeks: true,
  statics: true,
  returns: 'after-close',
  yields: true,
  cooperative: true,
  refusesReset: true,
  exact: true,
  tellsOwners: true,
}
