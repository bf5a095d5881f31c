import { LogDirectoryError } from './log-directory-error.ts'
import type { MetaProperties } from './meta-properties.ts'

/** A log directory and what its `meta.properties` says, if it has one. */
export interface FoundDirectory {
  readonly path: string
  readonly properties: MetaProperties | undefined
}

/** Who the broker is, by its configuration. */
export interface WantedIdentity {
  /** undefined takes what the directories say, or a new id. */
  readonly clusterId: string | undefined
  readonly nodeId: number
}

/**
 * Decides which cluster a broker's log directories belong to. All that say something must say the
 * same, and nothing else than the configuration; empty ones join them.
 * @param newClusterId makes an id for a cluster that does not exist yet.
 * @throws LogDirectoryError 'other-node' | 'other-cluster' | 'mixed'
 */
export function decideClusterId(
  found: readonly FoundDirectory[],
  wanted: WantedIdentity,
  newClusterId: () => string,
): string {
  for (const { path, properties } of found) checkNode(path, properties?.nodeId, wanted.nodeId)
  const known = found.filter(({ properties }) => properties?.clusterId !== undefined)
  for (const { path, properties } of known) {
    const clusterId = properties?.clusterId
    if (wanted.clusterId !== undefined && clusterId !== wanted.clusterId) {
      throw new LogDirectoryError(
        'other-cluster',
        path,
        `log directory ${path} belongs to cluster ${clusterId}, this broker to ${wanted.clusterId}`,
      )
    }
  }
  const first = known[0]
  const other = known.find(({ properties }) => {
    return properties?.clusterId !== first?.properties?.clusterId
  })
  if (first && other) {
    throw new LogDirectoryError(
      'mixed',
      other.path,
      `log directory ${other.path} belongs to cluster ${other.properties?.clusterId}, ` +
        `${first.path} to ${first.properties?.clusterId}`,
    )
  }
  return wanted.clusterId ?? first?.properties?.clusterId ?? newClusterId()
}

function checkNode(path: string, nodeId: number | undefined, wanted: number): void {
  if (nodeId === undefined || nodeId === wanted) return
  throw new LogDirectoryError(
    'other-node',
    path,
    `log directory ${path} belongs to node ${nodeId}, this broker is node ${wanted}`,
  )
}
