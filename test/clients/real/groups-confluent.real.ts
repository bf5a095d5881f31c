import { test } from 'node:test'
import { groupContract } from '../groups/contract.ts'
import { processOpeners } from '../groups/member-process.ts'
import { missing } from './install.ts'
import { librdkafkaTraits } from './librdkafka.ts'

const skip = await missing('python3-confluent-kafka')
const script = new URL('confluent-member.py', import.meta.url).pathname
if (skip !== false) test('groups of confluent-kafka', { skip }, () => {})
else
  groupContract(
    { ...librdkafkaTraits, name: 'confluent-kafka for Python' },
    processOpeners(['/usr/bin/python3', script]),
  )
