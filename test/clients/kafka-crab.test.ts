import { clientContract } from './contract.ts'
import { kafkaCrabTraits, openKafkaCrab } from './drivers/kafka-crab.ts'

clientContract(kafkaCrabTraits, openKafkaCrab)
