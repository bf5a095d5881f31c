/** Members in processes of their own, to be killed or stopped in the middle: a line of JSON for each
 *  call, answer and event. The other end is `member-host.ts`, or a program of another language. */

import { conversation } from '../real/process-client.ts'
import type { Member, MemberEvent, OpenMember, Tell } from './member.ts'

/** A process that members live in. */
export interface MemberProcess {
  readonly open: OpenMember
  /** SIGKILL, waited for. */
  kill(): Promise<void>
  /** Stops it where it is (SIGSTOP), all its members with it. */
  freeze(): void
  thaw(): void
  /** As `kill`. */
  [Symbol.asyncDispose](): Promise<void>
}

interface Said {
  readonly member: string
  readonly event: MemberEvent
}

/** Starts a process. @param command the program and its arguments. */
export function startMemberProcess(command: readonly string[]): MemberProcess {
  const listeners = new Map<string, Tell>()
  const { call, signal, ended } = conversation(command, (line) => {
    // A line without an id is an event, as the protocol has it.
    const { member, event } = line as Said
    listeners.get(member)?.(event)
  })
  const kill = async (): Promise<void> => {
    signal('SIGKILL')
    await ended
  }
  let members = 0
  return {
    async open(bootstrap, options, tell) {
      members += 1
      const member = `${members}`
      listeners.set(member, tell)
      await call('open', { member, bootstrap, options })
      return memberOf(call, member)
    },
    kill,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    [Symbol.asyncDispose]: kill,
  }
}

/** Members of a library that lives in processes only: all that shall not be killed share one. */
export function processOpeners(command: readonly string[]) {
  let shared: MemberProcess | undefined
  const open: OpenMember = (bootstrap, options, tell) => {
    shared ??= startMemberProcess(command)
    return shared.open(bootstrap, options, tell)
  }
  return {
    open,
    start: () => startMemberProcess(command),
    close: async (): Promise<void> => await shared?.kill(),
  }
}

type Call = ReturnType<typeof conversation>['call']

function memberOf(call: Call, member: string): Member {
  const ask = async (name: string, rest: object = {}): Promise<void> => {
    await call(name, { member, ...rest })
  }
  return {
    commit: () => ask('commit'),
    pause: (topic, partition) => ask('pause', { topic, partition }),
    resume: (topic, partition) => ask('resume', { topic, partition }),
    seek: (topic, partition, offset) => ask('seek', { topic, partition, offset }),
    close: () => ask('close'),
  }
}
