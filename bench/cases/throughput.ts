/** Producing and consuming as fast as the client and the broker can, with `rdkafka_performance`. */

import type { Broker } from '../broker.ts'
import { pinned, runToEnd } from '../child.ts'
import { Connection } from '../clients/connection.ts'
import { createTopic } from '../clients/requests.ts'
import { residentBytes, watchCpu } from '../process-figures.ts'
import { consumerThroughput, producerThroughput, type Throughput } from '../rdkafka-output.ts'
import { bothBrokers, type Case, type Figures, type Round, runClient, withBroker } from './case.ts'

/** What a throughput case moves. */
interface Load {
  readonly recordBytes: number
  readonly records: number
  readonly partitions?: number
  /** Further options of the producer. */
  readonly options?: readonly string[]
  /** Whether it is read back too: from the page cache, as it was written a moment ago. */
  readonly isConsumed?: boolean
  /** Whether the newest megabytes are then read over and over, by a client of our own. */
  readonly isTailRead?: boolean
}

const QUICK_SHARE = 1 / 8
/** Of the load, before it is measured, into another topic: the JVM compiles what it runs often. */
const WARM_UP_SHARE = 1 / 2
const RUN_LIMIT_MS = 300_000
/** Less than a tail cache of Moldau's default size holds. */
const TAIL_BYTES = 32e6
const TAIL_SECONDS = 5
const TAIL_LIMIT_MS = 60_000

/**
 * Producer: batches up to 1 MB, filled for 5 ms at most, as the Java producer's linger is. Requests in
 * flight and the rest are librdkafka's defaults.
 */
const producerOptions = ['-X', 'linger.ms=5', '-X', 'batch.size=1000000']
/** A consumer that never pauses: its queue may grow, and a full one is looked at again after 1 ms. */
const consumerOptions = [
  ...['-X', 'queued.max.messages.kbytes=2000000', '-X', 'queued.min.messages=10000000'],
  ...['-X', 'fetch.queue.backoff.ms=1'],
]
const plain = ['-a', '1']
const idempotent = ['-a', '-1', '-X', 'enable.idempotence=true']
/** Else the client stays with one partition for 10 ms, which is one partition at a time. */
const spread = ['-X', 'sticky.partitioning.linger.ms=0']

export const throughputCases: readonly Case[] = [
  throughput('100b', { recordBytes: 100, records: 10_000_000, isConsumed: true }),
  throughput('1k', { recordBytes: 1024, records: 2_000_000, isConsumed: true, isTailRead: true }),
  throughput('16k', { recordBytes: 16_384, records: 125_000, isConsumed: true }),
  throughput('idempotent', { recordBytes: 1024, records: 1_000_000, options: idempotent }),
  throughput('partitions', {
    recordBytes: 1024,
    records: 1_000_000,
    partitions: 100,
    options: [...plain, ...spread],
  }),
  throughput('small-batches', {
    recordBytes: 100,
    records: 4_000_000,
    options: [...plain, '-X', 'batch.size=16384'],
  }),
  ...['zstd', 'lz4', 'snappy'].map((codec) => compressed(codec, 2_000_000)),
  compressed('gzip', 500_000),
]

function throughput(name: string, load: Load): Case {
  return {
    name,
    brokers: bothBrokers,
    needs: 'rdkafka',
    run: (round) => withBroker(round, (broker) => measure(round, broker, load)),
  }
}

function compressed(codec: string, records: number): Case {
  const load = { recordBytes: 1024, records, options: [...plain, '-z', codec] }
  return { ...throughput(codec, load), codec }
}

async function measure(round: Round, broker: Broker, full: Load): Promise<Figures> {
  const records = Math.round(full.records * (round.isQuick ? QUICK_SHARE : 1))
  const load = { ...full, records }
  const warmUp = { ...full, records: Math.round(records * WARM_UP_SHARE) }
  await createTopics(broker, load)
  await produce(round, broker, 'warm-up', warmUp)
  const produced = await watched(broker, 'produce', () => produce(round, broker, 'load', load))
  if (!load.isConsumed) return produced
  await consume(round, broker, 'warm-up', warmUp)
  const consumed = await watched(broker, 'consume', () => consume(round, broker, 'load', load))
  if (!load.isTailRead) return { ...produced, ...consumed }
  const { megabytesPerSecond = Number.NaN } = await readTail(round, broker, load)
  return { ...produced, ...consumed, tailMegabytesPerSecond: megabytesPerSecond }
}

async function createTopics(broker: Broker, { partitions = 1 }: Load): Promise<void> {
  const connection = await Connection.open(broker.bootstrap)
  for (const topic of ['warm-up', 'load']) await createTopic(connection, topic, partitions)
  connection.close()
}

/** Runs a client; figures are named after what it does. */
async function watched(
  broker: Broker,
  name: string,
  work: () => Promise<Throughput>,
): Promise<Figures> {
  const stop = watchCpu(broker.pid)
  const { records, bytes, seconds } = await work()
  const use = stop()
  return {
    [`${name}RecordsPerSecond`]: records / seconds,
    [`${name}MegabytesPerSecond`]: bytes / seconds / 1e6,
    [`${name}BrokerCpuSecondsPerGigabyte`]: use.brokerSeconds / (bytes / 1e9),
    [`${name}ClientCpuSecondsPerGigabyte`]: use.clientSeconds / (bytes / 1e9),
    [`${name}OtherCores`]: use.otherSeconds / use.seconds,
    [`${name}ResidentMegabytes`]: residentBytes(broker.pid) / 1e6,
  }
}

async function produce(
  round: Round,
  broker: Broker,
  topic: string,
  { recordBytes, records, partitions = 1, options = plain }: Load,
): Promise<Throughput> {
  const size = ['-s', `${recordBytes}`, '-c', `${records}`]
  const partition = partitions === 1 ? ['-p', '0'] : []
  const stdout = await rdkafka(round, broker, topic, [
    ...['-P', ...partition, ...size, ...producerOptions, ...options],
  ])
  return producerThroughput(stdout, records, recordBytes)
}

async function consume(
  round: Round,
  broker: Broker,
  topic: string,
  { records }: Load,
): Promise<Throughput> {
  const from = ['-C', '-p', '0', '-o', 'beginning', '-c', `${records}`]
  return consumerThroughput(
    await rdkafka(round, broker, topic, [...from, ...consumerOptions]),
    records,
  )
}

async function rdkafka(
  { cores, tools }: Round,
  broker: Broker,
  topic: string,
  options: readonly string[],
): Promise<string> {
  const program = [tools.rdkafka?.path ?? '', '-q', '-b', broker.bootstrap, '-t', topic]
  const command = pinned(cores.client, [...program, ...options])
  return (await runToEnd(command, { limitMs: RUN_LIMIT_MS })).stdout
}

async function readTail(round: Round, broker: Broker, load: Load): Promise<Figures> {
  const from = load.records - Math.round(TAIL_BYTES / load.recordBytes)
  const { bootstrap } = broker
  const options = { bootstrap, topic: 'load', from, seconds: TAIL_SECONDS }
  return await runClient(round, 'tail.ts', options, TAIL_LIMIT_MS)
}
