/** Groups: who consumes together, and how far they are. This file is their centre, the kinds of group
 *  there are; `shard.ts` holds those of one partition of `__consumer_offsets`. */

import type { ClassicGroup } from './classic/group.ts'
import type { ConsumerGroup } from './consumer/group.ts'

/** A group in the coordinator's memory. Immutable. */
export type Group = ClassicGroup | ConsumerGroup
