/** The topic of offsets is compacted: what is committed again and again does not pile up. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offsetCommit } from '../protocol/api/08-offset-commit.ts'
import { offsetFetch } from '../protocol/api/09-offset-fetch.ts'
import { findCoordinator } from '../protocol/api/10-find-coordinator.ts'
import { TestBroker } from './broker-fixtures-for-test.ts'

const NAMED_COMMIT = 9
const NAMED_FETCH = 9
/** The least that `segment.bytes` may be. */
const SEGMENT_BYTES = 1_048_576
const PARTITION = '/data/__consumer_offsets-0'

async function commit(b: TestBroker, groupId: string, committedOffset: number): Promise<void> {
  const committedMetadata = 'm'.repeat(4_000)
  const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata }]
  const request = { groupId, memberId: '', topics: [{ name: 't', partitions }] }
  const { topics } = await b.ask(offsetCommit, request, NAMED_COMMIT)
  assert.equal(topics[0]!.partitions[0]!.errorCode, 0)
}

async function committed(b: TestBroker, groupId: string): Promise<number> {
  const topics = [{ name: 't', partitionIndexes: [0] }]
  const { groups } = await b.ask(offsetFetch, { groups: [{ groupId, topics }] }, NAMED_FETCH)
  return groups[0]!.topics[0]!.partitions[0]!.committedOffset
}

function bytesOnDisk(b: TestBroker): number {
  const sizes = b.host.disk
    .list(PARTITION)
    .filter((name) => name.endsWith('.log'))
    .map((name) => b.host.disk.stat(`${PARTITION}/${name}`)!.sizeBytes)
  return sizes.reduce((sum, size) => sum + size, 0)
}

for (const end of ['stop', 'kill', 'crash'] as const) {
  test(`offsets outlive the compaction of their topic and a ${end}`, async () => {
    const b = await TestBroker.start({
      config: {
        'offsets.topic.num.partitions': '1',
        'offsets.topic.segment.bytes': `${SEGMENT_BYTES}`,
        'log.flush.interval.messages': '1',
      },
    })
    await b.createTopic('t')
    await b.ask(findCoordinator, { coordinatorKeys: ['any'] })
    await commit(b, 'early', 42)
    for (let offset = 1; offset <= 700; offset++) await commit(b, 'busy', offset)
    assert.ok(bytesOnDisk(b) > 2 * SEGMENT_BYTES)
    await b.advance(20_000)
    assert.ok(bytesOnDisk(b) < SEGMENT_BYTES, `${bytesOnDisk(b)} bytes are left`)
    await b[end]()
    await b.start()
    assert.equal(await committed(b, 'early'), 42)
    assert.equal(await committed(b, 'busy'), 700)
    await b.stop()
  })
}
