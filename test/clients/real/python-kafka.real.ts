import { clientContract } from '../contract.ts'
import { processClient } from './process-client.ts'

const script = new URL('python-kafka.py', import.meta.url).pathname
const { traits, open } = await processClient(['/usr/bin/python3', script])
clientContract(traits, open)
