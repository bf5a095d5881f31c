import { test } from 'node:test'
import { groupContract } from '../groups/contract.ts'
import { processOpeners } from '../groups/member-process.ts'
import { noOracle } from '../oracle.ts'
import { javaMembers, javaTraits } from './java-members.ts'

const skip = await noOracle()
if (skip !== false) test("groups of Kafka's own consumers", { skip }, () => {})
else
  for (const protocol of ['classic', 'consumer'] as const)
    groupContract(
      { ...javaTraits, name: `KafkaConsumer, ${protocol} protocol`, protocol },
      processOpeners(await javaMembers(protocol)),
    )
