/** How Kafka's own consumers are started: `Members.java`, compiled as it starts. */

import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { MemberTraits } from '../groups/member.ts'
import { kafkaLab } from '../oracle.ts'

const run = promisify(execFile)

export const javaTraits: MemberTraits = {
  name: 'KafkaConsumer',
  protocol: 'classic',
  patterns: 'followed',
  pauses: true,
  seeks: true,
  statics: true,
  returns: 'after-close',
  yields: true,
  cooperative: true,
  refusesReset: true,
  exact: true,
  tellsOwners: true,
}

/** The command that runs members of one protocol. */
export async function javaMembers(protocol: 'classic' | 'consumer'): Promise<string[]> {
  const { stdout } = await run(kafkaLab, ['classpath'])
  const classpath = stdout.trim()
  const log4j = join(dirname(dirname(classpath)), 'tool-log4j2.xml')
  const flags = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  const source = new URL('Members.java', import.meta.url).pathname
  return [
    'java',
    ...flags,
    `-Dlog4j2.configurationFile=${log4j}`,
    '-cp',
    classpath,
    source,
    protocol,
  ]
}
