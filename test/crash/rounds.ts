/**
 * The crash loop. Each round writes, kills the broker at a random moment, sometimes damages the ends of
 * files as a crash of the machine may, starts it again and compares what it serves with what was
 * acknowledged. Everything random comes from one seed, but for how far the broker got: that is the
 * machine's.
 */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Broker } from '../clients/broker.ts'
import { random } from '../clients/cases.ts'
import { startBroker } from '../clients/harness.ts'
import { RawConnection } from '../clients/raw/connection.ts'
import { createTopic, endOffset } from '../clients/raw/requests.ts'
import { uniqueTopic, waitFor } from '../clients/support.ts'
import { damages } from './damage.ts'
import { Writer } from './writer.ts'

export interface CrashOptions {
  readonly rounds: number
  readonly seed: number
  /** Also damage the ends of files while the broker is dead. */
  readonly damage: boolean
  readonly log: (line: string) => void
}

/** Longest a round writes before the kill. */
const longestLoadMs = 600
const leaderLimitMs = 30_000
/** One round in so many ends with SIGTERM instead: what comes after must not depend on a crash. */
const cleanRoundEvery = 6

const smallFiles = {
  'segment.bytes': `${1024 * 1024}`,
  'index.interval.bytes': '512',
  'max.message.bytes': '200000',
}

/** Runs the loop. @throws at the first thing that is not as it should be, naming seed and round. */
export async function crashLoop(options: CrashOptions): Promise<void> {
  const next = random(options.seed)
  const below = (limit: number): number => next() % limit
  await using broker = await startBroker()
  const writers = await makeWriters(broker, below)
  for (let round = 1; round <= options.rounds; round++) {
    try {
      options.log(await runRound(broker, writers, below, options, round))
    } catch (cause) {
      const where = `seed ${options.seed}, round ${round} of ${options.rounds}`
      throw new Error(`${where}: ${cause instanceof Error ? cause.message : cause}`, { cause })
    }
  }
  // Each round looked at what was new in it; the last look is at everything.
  await checkAll(broker, writers, 0)
}

async function makeWriters(broker: Broker, below: (limit: number) => number): Promise<Writer[]> {
  const connection = await RawConnection.open(broker.bootstrap)
  const idempotent = uniqueTopic('crash-idempotent')
  const plain = uniqueTopic('crash-plain')
  await createTopic(connection, idempotent, 3, smallFiles)
  await createTopic(connection, plain, 2, smallFiles)
  connection.close()
  return [
    new Writer(idempotent, 0, { acks: -1, idempotent: true }, below),
    new Writer(idempotent, 1, { acks: -1, idempotent: true }, below),
    new Writer(idempotent, 2, { acks: 1, idempotent: true }, below),
    new Writer(plain, 0, { acks: 1, idempotent: false }, below),
    new Writer(plain, 1, { acks: -1, idempotent: false }, below),
  ]
}

async function runRound(
  broker: Broker,
  writers: readonly Writer[],
  below: (limit: number) => number,
  { damage }: CrashOptions,
  round: number,
): Promise<string> {
  const before = acknowledged(writers)
  const loadMs = 20 + below(longestLoadMs)
  const until = performance.now() + loadMs + 1000
  const writing = Promise.all(writers.map((writer) => writer.write(broker.bootstrap, until)))
  await Promise.race([delay(loadMs), writing])
  const clean = round % cleanRoundEvery === 0
  await (clean ? broker.stop() : broker.kill())
  await writing
  const done = clean || !damage ? undefined : await damageOne(broker, writers, below)
  const startedMs = performance.now()
  await broker.restart()
  const restartMs = Math.round(performance.now() - startedMs)
  if (done?.losesRecords === true) await acceptCut(broker, done.writer)
  await checkAll(broker, writers)
  const what = clean ? 'stopped' : 'killed'
  const count = acknowledged(writers) - before
  return `round ${round}: ${what} after ${loadMs} ms, ${count} records acknowledged, ${
    done?.what ?? 'no damage'
  }, back after ${restartMs} ms`
}

const acknowledged = (writers: readonly Writer[]): number =>
  writers.reduce((sum, writer) => sum + writer.acknowledgedCount, 0)

async function checkAll(broker: Broker, writers: readonly Writer[], from?: number): Promise<void> {
  const connection = await RawConnection.open(broker.bootstrap)
  for (const writer of writers) {
    await served(connection, writer)
    await writer.check(connection, from)
  }
  connection.close()
}

/** A broker that has just started may need a moment until it leads again. */
async function served(connection: RawConnection, writer: Writer): Promise<number> {
  const end = () => endOffset(connection, writer.topic, writer.partition)
  return await waitFor(
    `the leader of ${writer.topic}-${writer.partition}`,
    leaderLimitMs,
    async () => {
      const offset = await end()
      return offset === undefined ? undefined : { offset }
    },
  ).then(({ offset }) => offset)
}

/** Damages the end of one file of one partition that an idempotent producer writes. */
async function damageOne(
  broker: Broker,
  writers: readonly Writer[],
  below: (limit: number) => number,
): Promise<{ writer: Writer; what: string; losesRecords: boolean } | undefined> {
  const writer = writers[below(3)]
  const damage = damages[below(damages.length)]
  assert.ok(writer && damage && broker.dataDirectory)
  const directory = join(broker.dataDirectory, `${writer.topic}-${writer.partition}`)
  const done = await damage.apply(directory, below)
  return done === undefined
    ? undefined
    : {
        writer,
        what: `${damage.name} (${done.replaceAll(broker.dataDirectory, '')})`,
        losesRecords: damage.losesRecords,
      }
}

/** Cut bytes take records with them, acknowledged or not: what is left must be a beginning of the log. */
async function acceptCut(broker: Broker, writer: Writer): Promise<void> {
  const connection = await RawConnection.open(broker.bootstrap)
  writer.cutTo(await served(connection, writer))
  connection.close()
}
