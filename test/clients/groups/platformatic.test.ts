import { openPlatformaticMember, platformaticMemberTraits } from '../drivers/platformatic-member.ts'
import { groupContract } from './contract.ts'
import { startHost } from './hosted.ts'

groupContract(platformaticMemberTraits, {
  open: openPlatformaticMember,
  start: () => startHost('platformatic'),
})
