import { kafkaCrabMemberTraits, openKafkaCrabMember } from '../drivers/kafka-crab-member.ts'
import { groupContract } from './contract.ts'
import { startHost } from './hosted.ts'

groupContract(kafkaCrabMemberTraits, {
  open: openKafkaCrabMember,
  start: () => startHost('kafka-crab'),
})
