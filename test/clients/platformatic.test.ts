import { clientContract } from './contract.ts'
import { openPlatformatic, platformaticTraits } from './drivers/platformatic.ts'

clientContract(platformaticTraits, openPlatformatic)
