import type { ClusterImage } from '../metadata/image.ts'
import { brokerKey, CLUSTER_KEY } from '../metadata/keys.ts'
import type { Decision } from '../metadata/metadata-store.ts'
import type { BrokerValue, ClusterValue } from '../metadata/values.ts'

/** A broker that begins to serve, and how the others reach it. */
export interface Registration extends BrokerValue {
  readonly nodeId: number
  /** The registration ends with this lease. */
  readonly leaseId: string
  /** The cluster that its log directories belong to. */
  readonly clusterId: string
}

/** Why a broker may not register: the metadata are another cluster's, or a living broker has its id. */
export type RegistrationProblem =
  | { readonly type: 'other-cluster'; readonly clusterId: string }
  | { readonly type: 'id-in-use' }

/**
 * Registers a broker for as long as its lease lives; the first one to do so forms the cluster. Its
 * epoch is the create revision of its key, so every registration gets a greater one.
 * @returns undefined, or what stands in the way; nothing is written then.
 */
export function decideRegistration(
  image: ClusterImage,
  { nodeId, leaseId, clusterId, ...value }: Registration,
): Decision<RegistrationProblem | undefined> {
  if (image.clusterId !== '' && image.clusterId !== clusterId) {
    return { result: { type: 'other-cluster', clusterId: image.clusterId } }
  }
  if (image.brokers.has(nodeId)) return { result: { type: 'id-in-use' } }
  const key = brokerKey(nodeId)
  const puts = [{ key, value: JSON.stringify(value satisfies BrokerValue), leaseId }]
  const isNew = image.clusterId === ''
  return {
    puts: isNew
      ? [...puts, { key: CLUSTER_KEY, value: JSON.stringify({ clusterId } satisfies ClusterValue) }]
      : puts,
    expect: { [key]: { modRevision: 0 }, ...(isNew ? { [CLUSTER_KEY]: { modRevision: 0 } } : {}) },
    result: undefined,
  }
}
