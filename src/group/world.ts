import type { BrokerConfig } from '../config/broker.ts'
import type { GroupConfig } from '../config/group.ts'
import type { Effect, Instant } from '../coordinator/machine.ts'
import type { ClusterImage } from '../metadata/image.ts'
import type { GroupEvent } from './events.ts'
import type { Group } from './group.ts'
import type { GroupRecord } from './records.ts'

/** What decisions about groups rest on besides the group itself. */
export interface GroupWorld extends Instant {
  readonly image: ClusterImage
  readonly broker: BrokerConfig
  /** The settings in force for one group. */
  readonly groupConfig: (groupId: string) => GroupConfig
}

/** The group as it is now, with what no record tells of it. */
export interface GroupNote {
  readonly group: Group
}

export type GroupEffect = Effect<GroupRecord, GroupNote, GroupEvent>
