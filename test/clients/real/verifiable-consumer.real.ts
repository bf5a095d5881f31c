import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { patienceMs, Stage } from '../groups/scene.ts'
import { kafkaLab, noOracle } from '../oracle.ts'
import { waitFor } from '../support.ts'

const skip = await noOracle()
const partitions = 4

/** One line that the tool prints. */
interface Line {
  readonly name: string
  readonly count?: number
  readonly success?: boolean
  readonly partitions?: readonly Place[]
  readonly offsets?: readonly (Place & { readonly offset: number })[]
}

interface Place {
  readonly topic: string
  readonly partition: number
  readonly minOffset?: number
  readonly maxOffset?: number
  readonly count?: number
}

/** The tool as it runs. */
class Verifiable {
  readonly lines: Line[] = []
  said = ''
  readonly #child
  readonly #ended: Promise<unknown>

  constructor(args: readonly string[]) {
    const command = ['tool', 'kafka-verifiable-consumer', ...args]
    const env = { ...process.env, TOOL_OPTS: '-Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1' }
    this.#child = spawn(kafkaLab, command, { env, detached: true })
    this.#ended = new Promise((resolve) => this.#child.on('close', resolve))
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.lines.push(JSON.parse(line))
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.said = (this.said + text).slice(-4000)
    })
  }

  named(name: string): Line[] {
    return this.lines.filter((line) => line.name === name)
  }

  /** How many records it says it took. */
  get taken(): number {
    return this.named('records_consumed').reduce((sum, line) => sum + (line.count ?? 0), 0)
  }

  /** The partitions that it has now. */
  get owned(): number {
    return this.lines.reduce((sum, { name, partitions = [] }) => {
      if (name === 'partitions_assigned') return sum + partitions.length
      return name === 'partitions_revoked' ? sum - partitions.length : sum
    }, 0)
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child
    // The script may wait for the tool: both are of one process group.
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal)
    await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL')
  }
}

describe('kafka-verifiable-consumer', { skip }, () => {
  let stage: Stage
  before(async () => {
    stage = await Stage.open()
  })
  after(() => stage?.close())

  for (const protocol of ['classic', 'consumer'] as const)
    test(`its account is right (${protocol} protocol)`, async () => {
      const topic = await stage.topic('verifiable', partitions)
      const groupId = randomUUID()
      const args = ['--bootstrap-server', stage.broker.bootstrap, '--topic', topic]
        .concat('--group-id', groupId, '--reset-policy', 'earliest', '--group-protocol', protocol)
        .concat(protocol === 'classic' ? ['--session-timeout', '6000'] : [])
      await using one = new Verifiable(args)
      await using other = new Verifiable(args)
      const said = (): string =>
        [one, other].map((v) => `${JSON.stringify(v.lines.slice(-20))}\n${v.said}`).join('\n--\n')
      const shared = () => one.owned === 2 && other.owned === 2
      await waitFor('two partitions each', 2 * patienceMs, shared, said)
      await stage.produce(topic, partitions, 100)
      await waitFor('400 records', patienceMs, () => one.taken + other.taken === 400, said)
      await other.end()
      assert.equal(other.lines.at(-1)?.name, 'shutdown_complete')
      await waitFor('all partitions', patienceMs, () => one.owned === partitions, said)
      await stage.produce(topic, partitions, 25)
      await waitFor('500 records', patienceMs, () => one.taken + other.taken === 500, said)
      await one.end()
      assert.deepEqual(tookFrom([...other.lines, ...one.lines]), spans(topic, 125), said())
      for (const line of [...one.named('offsets_committed'), ...other.named('offsets_committed')])
        assert.equal(line.success, true, JSON.stringify(line))
      assert.deepEqual(await stage.committed(groupId, topic), await stage.ends(topic))
    })
})

/** Which offsets of each partition were taken, joined where one follows the other. */
function tookFrom(lines: readonly Line[]): Record<string, string> {
  const spans = lines
    .filter((line) => line.name === 'records_consumed')
    .flatMap((line) => line.partitions ?? [])
    .toSorted((a, b) => (a.minOffset ?? 0) - (b.minOffset ?? 0))
  const next = new Map<string, number>()
  for (const { topic, partition, minOffset = -1, maxOffset = -1, count } of spans) {
    const place = `${topic}-${partition}`
    assert.equal(minOffset, next.get(place) ?? 0, `${place} is taken without gaps, once`)
    assert.equal(count, maxOffset - minOffset + 1)
    next.set(place, maxOffset + 1)
  }
  return Object.fromEntries([...next].map(([place, end]) => [place, `0-${end - 1}`]))
}

function spans(topic: string, end: number): Record<string, string> {
  const all = Array.from({ length: partitions }, (_, p) => [`${topic}-${p}`, `0-${end - 1}`])
  return Object.fromEntries(all)
}
