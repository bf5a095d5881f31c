/** kcat as a client: one process for each call, records over its standard input and output. */

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { type Client, codecs, type Place, type StoredRecord, type Traits } from '../client.ts'

export const kcatTraits: Traits = {
  name: 'kcat',
  codecs,
  // They hold for all records of a call: `kcat.real.ts` tries them.
  headers: false,
  headerOrder: false,
  binaryHeaders: false,
  nullHeaders: false,
  timestamps: false,
  choosesPartition: true,
  // An empty key is null to it.
  nulls: false,
  admin: false,
  deletesRecords: false,
  idempotence: true,
  lingers: false,
}

const largestMessageBytes = '20000000'
const callLimitMs = 60_000

/**
 * Runs kcat once.
 * @throws with what it printed on standard error when it fails.
 */
export async function kcat(args: readonly string[], input?: Buffer): Promise<Buffer> {
  const child = spawn('kcat', args, { timeout: callLimitMs })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const output: Buffer[] = []
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  child.on('error', reject)
  child.on('close', (code) => {
    if (code === 0) resolve()
    else reject(new Error(`kcat ${args.join(' ')} ended with ${code}: ${errors}`))
  })
  // It may end before it has read everything; its exit code tells.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  await promise
  return Buffer.concat(output)
}

export async function openKcat(bootstrap: string): Promise<Client> {
  const to = ['-b', bootstrap, '-X', `message.max.bytes=${largestMessageBytes}`]
  const offsetAt = async (
    topic: string,
    partition: number,
    at: number | 'earliest' | 'latest',
  ): Promise<number> => {
    const time = at === 'earliest' ? -2 : at === 'latest' ? -1 : at
    const answer = `${await kcat(['-b', bootstrap, '-Q', '-t', `${topic}:${partition}:${time}`])}`
    return Number(/offset (-?\d+)/.exec(answer)?.[1])
  }

  const client: Client = {
    async produce(topic, records, { codec = 'none', acks = -1, idempotent = false } = {}) {
      const places: Place[] = []
      const delimiter = randomBytes(12).toString('hex')
      for (const partition of new Set(records.map((r) => r.partition))) {
        // kcat does not tell where records went; they follow what lies there already.
        let offset = acks === 0 ? 0 : await offsetAt(topic, partition, 'latest')
        const here = records.filter((r) => r.partition === partition)
        const lines = here.flatMap((r) => [
          r.key ?? Buffer.alloc(0),
          Buffer.from(`${delimiter}K`),
          r.value ?? Buffer.alloc(0),
          Buffer.from(`${delimiter}D`),
        ])
        const settings = [`acks=${acks}`, `enable.idempotence=${idempotent}`, 'linger.ms=5']
        const framing = ['-K', `${delimiter}K`, '-D', `${delimiter}D`]
        await kcat(
          ['-P', '-t', topic, '-p', `${partition}`, '-z', codec, '-E', ...framing]
            .concat(to)
            .concat(settings.flatMap((s) => ['-X', s])),
          Buffer.concat(lines),
        )
        for (const [i, r] of records.entries())
          if (acks !== 0 && r.partition === partition) {
            places[i] = { partition, offset }
            offset += 1
          }
      }
      return places
    },

    async read(topic, partition, offset, count): Promise<StoredRecord[]> {
      const which = [
        '-C',
        '-q',
        '-t',
        topic,
        '-p',
        `${partition}`,
        '-o',
        `${offset}`,
        '-c',
        `${count}`,
      ]
      const large = ['fetch.max.bytes=20000000', 'receive.message.max.bytes=100000000'].concat(
        'fetch.message.max.bytes=20000000',
      )
      const settings = [...large, 'check.crcs=true'].flatMap((s) => ['-X', s])
      const format = ['-f', '%K %S %o %T\n%k%s']
      return parse(await kcat([...which, '-b', bootstrap, ...settings, ...format]), partition)
    },
    offsetAt,
    close: async () => {},
  }
  return client
}

/** Reads what the format above prints: a line of numbers, then the bytes of key and value. */
function parse(output: Buffer, partition: number): StoredRecord[] {
  const found: StoredRecord[] = []
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at)
    const [keySize = -1, valueSize = -1, offset = -1, timestampMs = -1] = output
      .toString('latin1', at, end)
      .split(' ')
      .map(Number)
    const key = end + 1
    const value = key + Math.max(keySize, 0)
    at = value + Math.max(valueSize, 0)
    found.push({
      offset,
      partition,
      timestampMs,
      headers: [],
      key: keySize < 0 ? null : output.subarray(key, value),
      value: valueSize < 0 ? null : output.subarray(value, at),
    })
  }
  return found
}
