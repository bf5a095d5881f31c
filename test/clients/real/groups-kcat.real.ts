import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { patienceMs, Stage } from '../groups/scene.ts'
import { waitFor } from '../support.ts'
import { missing } from './install.ts'

const skip = await missing('kcat')
const fast = ['auto.offset.reset=earliest', 'heartbeat.interval.ms=200', 'fetch.wait.max.ms=50']

/** `kcat -G` as it runs: `partition offset` for each record, and what it says about its assignment. */
class Balanced {
  readonly records: string[] = []
  said = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  constructor(bootstrap: string, groupId: string, topics: readonly string[], ...more: string[]) {
    const settings = [...fast, ...more].flatMap((s) => ['-X', s])
    const args = ['-b', bootstrap, ...settings, '-u', '-f', '%p %o\\n', '-G', groupId, ...topics]
    const child = spawn('kcat', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    this.#ended = new Promise((resolve) => child.on('close', resolve))
    createInterface({ input: child.stdout }).on('line', (line) => this.records.push(line))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.said += text
    })
  }

  /** How many partitions its last assignment gave it. */
  get share(): number {
    const last = this.said.split('\n').findLast((line) => line.includes('assigned: '))
    return last === undefined ? 0 : (last.split('assigned: ')[1]?.split(',').length ?? 0)
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#child.kill(signal)
    await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL')
  }
}

describe('kcat -G', { skip }, () => {
  let stage: Stage
  before(async () => {
    stage = await Stage.open()
  })
  after(() => stage?.close())

  test('takes everything, commits when it ends, and goes on from there', async () => {
    const topic = await stage.topic('kcat-group', 3)
    const groupId = randomUUID()
    await stage.produce(topic, 3, 10)
    await using first = new Balanced(stage.broker.bootstrap, groupId, [topic])
    await waitFor(
      '30 records',
      patienceMs,
      () => first.records.length === 30,
      () => first.said,
    )
    await first.end()
    assert.deepEqual([...(await stage.committed(groupId, topic)).values()], [10, 10, 10])
    await stage.produce(topic, 3, 2)
    await using second = new Balanced(stage.broker.bootstrap, groupId, [topic])
    await waitFor(
      '6 records',
      patienceMs,
      () => second.records.length >= 6,
      () => second.said,
    )
    assert.deepEqual(
      second.records.toSorted(),
      [0, 1, 2].flatMap((p) => [`${p} 10`, `${p} 11`]),
    )
  })

  test('shares the partitions of a pattern with others, and takes over when one is killed', async () => {
    const topic = await stage.topic('kcat-share', 4)
    const groupId = randomUUID()
    const start = (): Balanced =>
      new Balanced(stage.broker.bootstrap, groupId, [`^${topic}`], 'session.timeout.ms=1500')
    await using one = start()
    await using other = start()
    const said = (): string => `${one.said}\n--\n${other.said}`
    await waitFor('two each', patienceMs, () => one.share === 2 && other.share === 2, said)
    await other.end('SIGKILL')
    await waitFor('all four', patienceMs, () => one.share === 4, said)
    await stage.produce(topic, 4, 5)
    await waitFor('20 records', patienceMs, () => one.records.length === 20, said)
  })
})
