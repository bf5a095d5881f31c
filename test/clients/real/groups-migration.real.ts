import { test } from 'node:test'
import { processOpeners } from '../groups/member-process.ts'
import { migrationTest } from '../groups/migration.ts'
import { noOracle } from '../oracle.ts'
import { javaMembers, javaTraits } from './java-members.ts'

const skip = await noOracle()
if (skip !== false) test("groups of Kafka's own consumers change protocols", { skip }, () => {})
else
  for (const cooperative of [false, true]) {
    const classic = processOpeners(await javaMembers('classic'))
    const consumer = processOpeners(await javaMembers('consumer'))
    migrationTest({
      name: `KafkaConsumer, ${cooperative ? 'cooperative' : 'eager'}`,
      traits: javaTraits,
      classic: classic.open,
      consumer: consumer.open,
      cooperative,
      close: async () => {
        await classic.close?.()
        await consumer.close?.()
      },
    })
  }
