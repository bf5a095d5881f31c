import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectingLogger } from '../kernel/logger.ts'
import { MemoryDisk } from '../kernel/memory-disk.ts'
import { seededRandom } from '../kernel/seeded-random.ts'
import { LogDirectoryError, type LogDirectoryFault } from './log-directory-error.ts'
import { type LogStartOptions, startDirectories } from './log-start.ts'
import { readMetaProperties } from './meta-properties.ts'
import { isId } from './random-id.ts'

const CLUSTER = '5L6g3nShT-eMCtK--X86sw'
const OTHER_CLUSTER = 'MkU3OEVBNTcwNTJENDM2Qg'
const DIRECTORY = 'uZ7gqRZ9SUSB-n9zY22sdQ'

type Wanted = Partial<Pick<LogStartOptions, 'logDirs' | 'clusterId' | 'nodeId'>>

function start(disk: MemoryDisk, wanted: Wanted = {}) {
  const logger = collectingLogger()
  const random = seededRandom(1)
  const options = { logDirs: ['/a'], clusterId: undefined, nodeId: 1, ...wanted }
  return { logger, ...startDirectories({ ...options, disk, random, logger }) }
}

function diskWith(files: Readonly<Record<string, string>>): MemoryDisk {
  const disk = new MemoryDisk()
  for (const [path, text] of Object.entries(files)) {
    disk.makeDirectory(path.slice(0, path.lastIndexOf('/')))
    disk.replaceFile(path, Buffer.from(text))
  }
  return disk
}

function meta(clusterId: string, nodeId = 1): string {
  return `#\n#Sat Nov 21\nversion=1\ncluster.id=${clusterId}\nnode.id=${nodeId}\n`
}

test('a new directory is made, locked and formatted', () => {
  const disk = new MemoryDisk()
  const { clusterId, directories } = start(disk, { logDirs: ['/data/logs'] })
  assert(isId(clusterId))
  const written = readMetaProperties(disk, '/data/logs')
  const directoryId = directories[0]!.directoryId
  assert.deepEqual(written, { clusterId, nodeId: 1, directoryId })
  assert(isId(directoryId) && directoryId !== clusterId)
  assert.equal(disk.lock('/data/logs/.lock'), undefined)
})

test('the next start finds the same cluster and the same directories', () => {
  const disk = new MemoryDisk()
  const first = start(disk, { logDirs: ['/a', '/b'] })
  for (const directory of first.directories) directory.release()
  const second = start(disk, { logDirs: ['/b', '/a'] })
  assert.equal(second.clusterId, first.clusterId)
  const ids = (started: typeof first) => started.directories.map((d) => d.directoryId).sort()
  assert.deepEqual(ids(second), ids(first))
})

test('a directory that Kafka formatted is taken as it is', () => {
  const text = `${meta(CLUSTER)}directory.id=${DIRECTORY}\n`
  const disk = diskWith({ '/a/meta.properties': text })
  const { clusterId, directories } = start(disk)
  assert.equal(clusterId, CLUSTER)
  assert.equal(directories[0]?.directoryId, DIRECTORY)
  assert.equal(Buffer.from(disk.readFile('/a/meta.properties')).toString(), text)
})

test('a directory without an id of its own gets one', () => {
  const disk = diskWith({ '/a/meta.properties': meta(CLUSTER) })
  const { directories } = start(disk)
  assert.equal(readMetaProperties(disk, '/a')?.directoryId, directories[0]?.directoryId)
})

test('an empty directory joins the cluster of the others', () => {
  const disk = diskWith({ '/a/meta.properties': meta(CLUSTER) })
  start(disk, { logDirs: ['/a', '/b'] })
  assert.equal(readMetaProperties(disk, '/b')?.clusterId, CLUSTER)
})

test('a slash at the end makes no other directory', () => {
  const disk = new MemoryDisk()
  assert.deepEqual(
    start(disk, { logDirs: ['/a/'] }).directories.map(({ path }) => path),
    ['/a'],
  )
})

interface Refusal {
  readonly what: string
  readonly files: Readonly<Record<string, string>>
  readonly wanted?: Wanted
  readonly fault: LogDirectoryFault
  readonly message: RegExp
}

const refusals: readonly Refusal[] = [
  {
    what: 'of another cluster than the configured one',
    files: { '/a/meta.properties': meta(CLUSTER) },
    wanted: { clusterId: OTHER_CLUSTER },
    fault: 'other-cluster',
    message: /^log directory \/a belongs to cluster 5L6g\S+, this broker to MkU3\S+$/,
  },
  {
    what: 'of another node',
    files: { '/a/meta.properties': meta(CLUSTER, 7) },
    fault: 'other-node',
    message: /^log directory \/a belongs to node 7, this broker is node 1$/,
  },
  {
    what: 'of another cluster than its neighbour',
    files: { '/a/meta.properties': meta(CLUSTER), '/b/meta.properties': meta(OTHER_CLUSTER) },
    wanted: { logDirs: ['/a', '/b'] },
    fault: 'mixed',
    message: /^log directory \/b belongs to cluster MkU3\S+, \/a to 5L6g\S+$/,
  },
  {
    what: 'written by a later version',
    files: { '/a/meta.properties': 'version=2\n' },
    fault: 'newer-version',
    message: /written by a newer version: its format is 2, this program reads up to 1$/,
  },
  {
    what: 'whose meta.properties is damaged',
    files: { '/a/meta.properties': 'version=1\n' },
    fault: 'damaged',
    message: /^log directory \/a: \/a\/meta.properties has no node.id$/,
  },
  {
    what: 'configured twice',
    files: {},
    wanted: { logDirs: ['/a', '/b', '/a/'] },
    fault: 'twice',
    message: /^log directory \/a is configured twice$/,
  },
  {
    what: 'that is a file',
    files: { '/a': 'text' },
    fault: 'not-usable',
    message: /^log directory \/a is not a directory: /,
  },
]
for (const { what, files, wanted, fault, message } of refusals) {
  test(`a directory ${what} ends the start, and no lock is left`, () => {
    const disk = diskWith(files)
    assert.throws(
      () => start(disk, wanted),
      (error) =>
        error instanceof LogDirectoryError && error.fault === fault && message.test(error.message),
    )
    for (const path of ['/a', '/b']) {
      if (disk.stat(path)?.type === 'directory') assert(disk.lock(`${path}/.lock`))
    }
  })
}

test('a directory that another broker holds ends the start', () => {
  const disk = new MemoryDisk()
  start(disk, { logDirs: ['/b'] })
  assert.throws(
    () => start(disk, { logDirs: ['/a', '/b'] }),
    (error) => error instanceof LogDirectoryError && error.fault === 'locked',
  )
  assert(disk.lock('/a/.lock'))
})

test('a directory whose disk fails is left out while there is another', () => {
  const disk = new MemoryDisk()
  disk.faults.add({ operation: 'makeDirectory', path: /^\/b/, code: 'EACCES' })
  const { directories, offline, logger } = start(disk, { logDirs: ['/a', '/b'] })
  assert.deepEqual(
    directories.map(({ path }) => path),
    ['/a'],
  )
  assert.match(offline.get('/b')!.message, /^log directory \/b is not writable: EACCES/)
  assert(logger.entries.some(({ level }) => level === 'error'))
})

test('a directory that cannot be formatted is left out and given back', () => {
  const disk = new MemoryDisk()
  disk.faults.add({ operation: 'write', path: /^\/b/, code: 'ENOSPC' })
  const { offline } = start(disk, { logDirs: ['/a', '/b'] })
  assert.match(offline.get('/b')!.message, /is on a full disk/)
  assert(disk.lock('/b/.lock'))
})

test('when no directory is left the start ends', () => {
  const disk = new MemoryDisk()
  disk.faults.add({ operation: 'makeDirectory', code: 'EROFS' })
  assert.throws(
    () => start(disk, { logDirs: ['/a', '/b'] }),
    (error) => error instanceof LogDirectoryError && error.fault === 'not-usable',
  )
})
