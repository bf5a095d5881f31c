import { kafkaCrabConsumerTraits, openKafkaCrabConsumer } from '../drivers/kafka-crab-member.ts'
import { groupContract } from './contract.ts'
import { startHost } from './hosted.ts'

groupContract(kafkaCrabConsumerTraits, {
  open: openKafkaCrabConsumer,
  start: () => startHost('kafka-crab-consumer'),
})
