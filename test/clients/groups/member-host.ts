/** A process in which members of one of the libraries live: the other end of `member-process.ts`.
 *  Argument: the name of the library. */

import { createInterface } from 'node:readline'
import { type HostedLibrary, hosted } from './hosted.ts'
import type { Member, MemberOptions } from './member.ts'

interface Request {
  readonly id: number
  readonly call: 'open' | 'commit' | 'pause' | 'resume' | 'seek' | 'close'
  readonly arguments: {
    readonly member: string
    readonly bootstrap: string
    readonly options: MemberOptions
    readonly topic: string
    readonly partition: number
    readonly offset: number
  }
}

// Who starts it names a library; another name ends it at the first call.
const open = await hosted[process.argv[2] as HostedLibrary]()
const members = new Map<string, Member>()
const write = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

for await (const line of createInterface({ input: process.stdin })) {
  const request: Request = JSON.parse(line)
  void carryOut(request).then(
    () => write({ id: request.id, result: null }),
    (error) => write({ id: request.id, error: `${error}` }),
  )
}
process.exit()

async function carryOut({ call, arguments: asked }: Request): Promise<void> {
  const { member: name, topic, partition, offset } = asked
  if (call === 'open') {
    const tell = (event: object): void => write({ member: name, event })
    members.set(name, await open(asked.bootstrap, asked.options, tell))
    return
  }
  const member = members.get(name)
  if (member === undefined) throw new Error(`no member ${name}`)
  if (call === 'seek') await member.seek(topic, partition, offset)
  else if (call === 'pause' || call === 'resume') await member[call](topic, partition)
  else await member[call]()
}
