import { test } from 'node:test'
import { groupContract } from '../groups/contract.ts'
import { processOpeners } from '../groups/member-process.ts'
import { nodeRdkafkaHome } from './install.ts'
import { librdkafkaTraits } from './librdkafka.ts'

const script = new URL('node-rdkafka-member.mjs', import.meta.url).pathname
const home = await nodeRdkafkaHome()
if (typeof home !== 'string') test('groups of node-rdkafka', { skip: home.missing }, () => {})
else
  for (const protocol of ['classic', 'consumer'] as const)
    groupContract(
      { ...librdkafkaTraits, name: `node-rdkafka, ${protocol} protocol`, protocol },
      processOpeners(['env', 'UV_THREADPOOL_SIZE=64', process.execPath, script, home, protocol]),
    )
