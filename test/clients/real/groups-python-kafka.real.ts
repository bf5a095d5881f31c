import { test } from 'node:test'
import { groupContract } from '../groups/contract.ts'
import type { MemberTraits } from '../groups/member.ts'
import { processOpeners } from '../groups/member-process.ts'
import { missing } from './install.ts'

const traits: MemberTraits = {
  name: 'kafka-python',
  protocol: 'classic',
  patterns: 'followed',
  pauses: true,
  seeks: true,
  statics: false,
  returns: false,
  yields: false,
  cooperative: false,
  refusesReset: true,
  // It lets nothing be done between the last record and its leaving.
  exact: false,
  tellsOwners: true,
}

const skip = await missing('python3-kafka')
const script = new URL('python-kafka-member.py', import.meta.url).pathname
if (skip !== false) test('groups of kafka-python', { skip }, () => {})
else groupContract(traits, processOpeners(['/usr/bin/python3', script]))
