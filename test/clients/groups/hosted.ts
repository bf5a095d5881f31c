/** The libraries that `member-host.ts` can run, loaded when asked for. */

import type { OpenMember } from './member.ts'
import { type MemberProcess, startMemberProcess } from './member-process.ts'

export const hosted = {
  kafkajs: async () => (await import('../drivers/kafkajs-member.ts')).openKafkajsMember,
  platformatic: async () =>
    (await import('../drivers/platformatic-member.ts')).openPlatformaticMember,
  'platformatic-consumer': async () =>
    (await import('../drivers/platformatic-member.ts')).openPlatformaticConsumer,
  'kafka-crab': async () => (await import('../drivers/kafka-crab-member.ts')).openKafkaCrabMember,
  'kafka-crab-consumer': async () =>
    (await import('../drivers/kafka-crab-member.ts')).openKafkaCrabConsumer,
} as const satisfies Record<string, () => Promise<OpenMember>>

export type HostedLibrary = keyof typeof hosted

const program = new URL('member-host.ts', import.meta.url).pathname

/** Starts a process for members of one library. */
export function startHost(library: HostedLibrary): MemberProcess {
  return startMemberProcess([process.execPath, program, library])
}
