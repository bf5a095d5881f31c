import {
  openPlatformaticConsumer,
  platformaticConsumerTraits,
} from '../drivers/platformatic-member.ts'
import { groupContract } from './contract.ts'
import { startHost } from './hosted.ts'

groupContract(platformaticConsumerTraits, {
  open: openPlatformaticConsumer,
  start: () => startHost('platformatic-consumer'),
})
