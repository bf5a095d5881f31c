import { kafkaCrabMemberTraits, openKafkaCrabMember } from '../drivers/kafka-crab-member.ts'
import { kafkajsMemberTraits, openKafkajsMember } from '../drivers/kafkajs-member.ts'
import { openPlatformaticConsumer } from '../drivers/platformatic-member.ts'
import { migrationTest } from './migration.ts'

// Those that can: classic members of @platformatic/kafka do not take up what a group that none of them
// leads gives them, and what librdkafka's cooperative assignor says to its members would be lost. It is
// the same with Kafka.
const classics = [
  { traits: kafkajsMemberTraits, classic: openKafkajsMember },
  { traits: kafkaCrabMemberTraits, classic: openKafkaCrabMember },
]

for (const { traits, classic } of classics)
  migrationTest({ name: traits.name, traits, classic, consumer: openPlatformaticConsumer })
