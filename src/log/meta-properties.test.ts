import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { test } from 'node:test'
import { MemoryDisk } from '../kernel/memory-disk.ts'
import {
  type MetaProperties,
  MetaPropertiesError,
  parseMetaProperties,
  readMetaProperties,
  writeMetaProperties,
} from './meta-properties.ts'

const fixture = new URL(
  '../../../shared/reference/kafka/fixtures/log-dir/meta.properties',
  import.meta.url,
)
const CLUSTER = '5L6g3nShT-eMCtK--X86sw'
const DIRECTORY = 'uZ7gqRZ9SUSB-n9zY22sdQ'

test('what is written is read back', () => {
  const disk = new MemoryDisk()
  const properties = { clusterId: CLUSTER, nodeId: 4, directoryId: DIRECTORY }
  writeMetaProperties(disk, '/', properties)
  assert.deepEqual(readMetaProperties(disk, '/'), properties)
})

test('a directory without the file is not formatted', () => {
  assert.equal(readMetaProperties(new MemoryDisk(), '/'), undefined)
})

test("a real Kafka's file is read", (t) => {
  if (!fs.existsSync(fixture)) return t.skip('no reference data at ../shared/reference')
  const text = fs.readFileSync(fixture, 'utf8')
  const expected = { clusterId: CLUSTER, nodeId: 1, directoryId: DIRECTORY }
  assert.deepEqual(parseMetaProperties(text, 'meta.properties'), expected)
})

const readable: readonly (readonly [string, string, MetaProperties])[] = [
  [
    'an older file without a directory id',
    `version=1\ncluster.id=${CLUSTER}\nnode.id=2\n`,
    { clusterId: CLUSTER, nodeId: 2, directoryId: undefined },
  ],
  [
    'a file of ZooKeeper times',
    `#\n#Mon\nversion=0\nbroker.id=3\ncluster.id=${CLUSTER}\n`,
    { clusterId: CLUSTER, nodeId: 3, directoryId: undefined },
  ],
  [
    'a file that says nothing',
    '# nothing\n',
    { clusterId: undefined, nodeId: undefined, directoryId: undefined },
  ],
  [
    'blanks, other separators, escapes and line ends',
    '! remark\r\n version : 1\r\n  cluster.id  = my\\:cluster  \r\nnode.id 7\r\n',
    { clusterId: 'my:cluster', nodeId: 7, directoryId: undefined },
  ],
]
for (const [what, text, expected] of readable) {
  test(`${what} is understood`, () => {
    assert.deepEqual(parseMetaProperties(text, 'meta.properties'), expected)
  })
}

const refused: readonly (readonly [string, string, RegExp, boolean])[] = [
  ['of a later version', 'version=2\n', /newer version: its format is 2, .* up to 1/, true],
  ['without a cluster', 'version=1\nnode.id=1\n', /has no cluster.id/, false],
  ['without a node', `version=1\ncluster.id=${CLUSTER}\n`, /has no node.id/, false],
  ['with a nonsense version', 'version=one\n', /version "one" is not a whole number/, false],
  ['with a nonsense node', 'version=1\ncluster.id=x\nnode.id=-1\n', /node.id "-1"/, false],
  ['with a nonsense id', 'directory.id=here\n', /directory.id "here" is not an id/, false],
]
for (const [what, text, message, isNewer] of refused) {
  test(`a file ${what} is refused`, () => {
    assert.throws(
      () => parseMetaProperties(text, 'meta.properties'),
      (error) =>
        error instanceof MetaPropertiesError &&
        error.isNewer === isNewer &&
        message.test(error.message),
    )
  })
}
