import { clientContract } from './contract.ts'
import { kafkajsTraits, openKafkajs } from './drivers/kafkajs.ts'

clientContract(kafkajsTraits, openKafkajs)
