import type { TestBroker } from '../../src/broker/broker-fixtures-for-test.ts'
import { clientSettings } from '../../src/client/client-settings.ts'
import { Cluster } from '../../src/client/cluster.ts'
import { Assignment } from '../../src/client/consumer/assignment.ts'
import { fetchSettings } from '../../src/client/consumer/fetch-settings.ts'
import { Fetcher, type TakenFrom } from '../../src/client/consumer/fetcher.ts'
import { GroupOffsets } from '../../src/client/consumer/group-offsets.ts'
import { type CommittedOffsets, PositionFinder } from '../../src/client/consumer/position-finder.ts'
import { parseResetStrategy } from '../../src/client/consumer/reset-strategy.ts'
import { consumerConfig } from '../../src/config/consumer.ts'

/** The parts of a consumer, put together as a reader of chosen partitions. */
export class Reader {
  readonly test: TestBroker
  readonly assignment: Assignment
  readonly fetcher: Fetcher
  readonly cluster: Cluster
  readonly offsets: GroupOffsets
  readonly #finder: PositionFinder

  constructor(test: TestBroker, options: Readonly<Record<string, string>> = {}, groupId?: string) {
    const serde = { 'key.deserializer': 'k', 'value.deserializer': 'v' }
    const bootstrap = { 'bootstrap.servers': 'b:9092' }
    const { values } = consumerConfig.parse({ ...bootstrap, ...serde, ...options })
    const strategy = parseResetStrategy(values['auto.offset.reset'])
    const settings = fetchSettings(values)
    this.test = test
    this.cluster = new Cluster(clientSettings(values, test.simulation.host('c').environment()))
    this.assignment = new Assignment(() => {
      this.fetcher?.wake()
      this.#finder?.wake()
    })
    this.fetcher = new Fetcher(this.cluster, this.assignment, settings, strategy)
    const { isCommittedOnly } = settings
    const onError = (error: unknown) => this.fetcher.fail(error)
    this.offsets = new GroupOffsets(this.cluster, groupId ?? 'none', isCommittedOnly)
    const committed: CommittedOffsets = (partitions, signal) =>
      this.offsets.committed(partitions, { deadlineMs: this.cluster.deadline(30_000), signal })
    this.#finder = new PositionFinder(this.cluster, this.assignment, {
      strategy,
      isCommittedOnly,
      onError,
      ...(groupId !== undefined && { committed }),
    })
  }

  /** The next values, or none within `waitMs`. */
  async take(most = 500, waitMs = 2_000): Promise<readonly string[]> {
    const taken = await this.takeFrom(most, waitMs)
    return taken?.records.map(({ value }) => Buffer.from(value ?? []).toString()) ?? []
  }

  /** As `take`, with whose they are. */
  takeFrom(most: number, waitMs: number): Promise<TakenFrom | undefined> {
    const deadlineMs = this.cluster.deadline(waitMs)
    return this.test.simulation.until(this.fetcher.take(most, deadlineMs))
  }

  async close(): Promise<void> {
    this.fetcher.close()
    this.#finder.close()
    this.cluster.close()
    await this.test.stop()
  }
}
