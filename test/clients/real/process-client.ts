/** Clients of other languages: a program of its own that answers one JSON line for each JSON line. */

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Client, OpenClient, Place, StoredRecord, TestRecord, Traits } from '../client.ts'

/** A record as the line protocol says it: bytes in base64. */
interface Line {
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [string, string | null])[]
  readonly timestampMs?: number
  readonly partition: number
  readonly offset: number
}

type Call = (call: string, args: Readonly<Record<string, unknown>>) => Promise<unknown>

/**
 * Asks a program what it can do.
 * @param command the program and its first arguments; the bootstrap address follows them.
 */
export async function processClient(
  command: readonly string[],
): Promise<{ readonly traits: Traits; readonly open: OpenClient }> {
  const open: OpenClient = async (bootstrap) => clientOf(conversation([...command, bootstrap]))
  const asking = conversation([...command, 'localhost:1'])
  const traits = (await asking.call('traits', {})) as Traits // as its program promises
  asking.end()
  return { traits, open }
}

/**
 * Starts a program and speaks lines with it.
 * @param heard what the program says without having been asked.
 */
export function conversation(
  command: readonly string[],
  heard: (line: unknown) => void = () => {},
) {
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const open = new Map<number, PromiseWithResolvers<unknown>>()
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer: { id?: number; result?: unknown; error?: string } = JSON.parse(line)
    if (answer.id === undefined) return heard(answer)
    const waiting = open.get(answer.id)
    open.delete(answer.id)
    if (answer.error === undefined) waiting?.resolve(answer.result)
    else waiting?.reject(new Error(answer.error))
  })
  // A program that was killed is told so by the calls that nobody answers, not by its pipe.
  child.stdin.on('error', () => {})
  let gone: Error | undefined
  const ended = new Promise<void>((resolve) => {
    child.on('close', (code) => {
      gone = new Error(`${command.join(' ')} ended with ${code}\n${errors}`)
      for (const waiting of open.values()) waiting.reject(gone)
      open.clear()
      resolve()
    })
  })
  let ids = 0
  const call: Call = async (name, args) => {
    if (gone !== undefined) throw gone
    ids += 1
    const waiting = Promise.withResolvers<unknown>()
    open.set(ids, waiting)
    child.stdin.write(`${JSON.stringify({ id: ids, call: name, arguments: args })}\n`)
    return await waiting.promise
  }
  return {
    call,
    /** Lets it end by itself. */
    end: (): void => {
      child.stdin.end()
    },
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    ended,
  }
}

// The `as` below hold by the line protocol: what a program answers is compared by the tests anyway.
function clientOf({ call, end }: ReturnType<typeof conversation>): Client {
  return {
    produce: async (topic, records, options = {}) =>
      (await call('produce', { topic, records: records.map(toLine), ...options })) as Place[],
    read: async (topic, partition, offset, count) =>
      ((await call('read', { topic, partition, offset, count })) as Line[]).map(fromLine),
    offsetAt: async (topic, partition, at) =>
      (await call('offsetAt', { topic, partition, at })) as number,
    admin: {
      createTopic: async (topic, partitions, config) => {
        await call('createTopic', { topic, partitions, config })
      },
      deleteTopic: async (topic) => {
        await call('deleteTopic', { topic })
      },
      partitionCount: async (topic) =>
        ((await call('partitionCount', { topic })) as number | null) ?? undefined,
      createPartitions: async (topic, count) => {
        await call('createPartitions', { topic, count })
      },
      topicConfig: async (topic, key) =>
        (await call('topicConfig', { topic, key })) as string | null,
      alterTopicConfig: async (topic, key, value) => {
        await call('alterTopicConfig', { topic, key, value })
      },
      deleteRecords: async (topic, partition, offset) => {
        await call('deleteRecords', { topic, partition, offset })
      },
    },
    close: async () => end(),
  }
}

function toLine(record: TestRecord): Omit<Line, 'offset'> {
  return {
    key: record.key?.toString('base64') ?? null,
    value: record.value?.toString('base64') ?? null,
    headers: record.headers.map(([name, value]) => [name, value?.toString('base64') ?? null]),
    ...(record.timestampMs === undefined ? {} : { timestampMs: record.timestampMs }),
    partition: record.partition,
  }
}

function fromLine(line: Line): StoredRecord {
  const bytes = (text: string | null): Buffer | null =>
    text === null ? null : Buffer.from(text, 'base64')
  return {
    ...line,
    key: bytes(line.key),
    value: bytes(line.value),
    headers: line.headers.map(([name, value]) => [name, bytes(value)] as const),
  }
}
