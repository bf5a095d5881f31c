import type { Disk } from '../kernel/environment.ts'
import { isId } from './random-id.ts'

/** Who a log directory belongs to, from its `meta.properties`. */
export interface MetaProperties {
  /** Absent only in files of ZooKeeper times (version 0), as the node id may be there. */
  readonly clusterId: string | undefined
  readonly nodeId: number | undefined
  /** Identity of the directory itself (KIP-858). Absent before Kafka 3.7. */
  readonly directoryId: string | undefined
}

/** The file cannot be used. `isNewer`: a later program wrote it, so nothing is known of the rest of
 *  the directory either. */
export class MetaPropertiesError extends Error {
  override readonly name = 'MetaPropertiesError'
  readonly isNewer: boolean

  constructor(message: string, isNewer = false) {
    super(message)
    this.isNewer = isNewer
  }
}

const FILE_NAME = 'meta.properties'
const VERSION = 1

/**
 * @returns undefined when the directory has no such file, so that it is not formatted yet.
 * @throws MetaPropertiesError
 */
export function readMetaProperties(disk: Disk, directory: string): MetaProperties | undefined {
  const path = `${directory}/${FILE_NAME}`
  if (!disk.stat(path)) return undefined
  return parseMetaProperties(Buffer.from(disk.readFile(path)).toString('utf8'), path)
}

/** Replaces the file, synced. It says that the directory is formatted. */
export function writeMetaProperties(
  disk: Disk,
  directory: string,
  properties: { readonly clusterId: string; readonly nodeId: number; readonly directoryId: string },
): void {
  const lines = [
    '#',
    `version=${VERSION}`,
    `cluster.id=${properties.clusterId}`,
    `node.id=${properties.nodeId}`,
    `directory.id=${properties.directoryId}`,
    '',
  ]
  disk.replaceFile(`${directory}/${FILE_NAME}`, Buffer.from(lines.join('\n')))
}

/** @throws MetaPropertiesError naming the path, the key and the value. */
export function parseMetaProperties(text: string, path: string): MetaProperties {
  const values = parseLines(text)
  const version = wholeNumber(values.get('version') ?? '0', 'version', path)
  if (version > VERSION) {
    const message =
      `${path} was written by a newer version: ` +
      `its format is ${version}, this program reads up to ${VERSION}`
    throw new MetaPropertiesError(message, true)
  }
  const nodeKey = version === 0 ? 'broker.id' : 'node.id'
  const nodeText = values.get(nodeKey)
  const clusterId = values.get('cluster.id')
  if (version > 0 && nodeText === undefined) throw missing('node.id', path)
  if (version > 0 && clusterId === undefined) throw missing('cluster.id', path)
  const directoryId = values.get('directory.id')
  if (directoryId !== undefined && !isId(directoryId)) {
    throw new MetaPropertiesError(`${path}: directory.id "${directoryId}" is not an id`)
  }
  const nodeId = nodeText === undefined ? undefined : wholeNumber(nodeText, nodeKey, path)
  return { clusterId, nodeId, directoryId }
}

/** Java's properties format, as far as ids and numbers need it. */
function parseLines(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split(/\r\n|\r|\n/)) {
    const match = /^\s*([^#!=:\s][^=:\s]*)\s*[=:\s]\s*(.*)$/.exec(line)
    if (match) values.set(match[1]!, match[2]!.replace(/\\(.)/g, '$1').trimEnd())
  }
  return values
}

function wholeNumber(text: string, key: string, path: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value)) return value
  throw new MetaPropertiesError(`${path}: ${key} "${text}" is not a whole number`)
}

function missing(key: string, path: string): MetaPropertiesError {
  return new MetaPropertiesError(`${path} has no ${key}`)
}
