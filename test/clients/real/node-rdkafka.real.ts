import { test } from 'node:test'
import { clientContract } from '../contract.ts'
import { nodeRdkafkaHome } from './install.ts'
import { processClient } from './process-client.ts'

const script = new URL('node-rdkafka.mjs', import.meta.url).pathname
const installed = await nodeRdkafkaHome()
if (typeof installed === 'string') {
  const { traits, open } = await processClient([process.execPath, script, installed])
  clientContract(traits, open)
} else test('node-rdkafka', { skip: installed.missing }, () => {})
