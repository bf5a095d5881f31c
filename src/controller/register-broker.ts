import type { ClusterImage } from '../metadata/image.ts'
import { brokerKey, CLUSTER_KEY } from '../metadata/keys.ts'
import type { Decision } from '../metadata/metadata-store.ts'
import type { BrokerValue, ClusterValue } from '../metadata/values.ts'

export interface Registration extends BrokerValue {
  readonly nodeId: number
  /** The registration ends with this lease. */
  readonly leaseId: string
  /** As the broker's log directories say. */
  readonly clusterId: string
}

/** Why a broker may not join: a living one has its id, or its directories are of another cluster. */
export type RegistrationProblem =
  | { readonly type: 'id-in-use' }
  | { readonly type: 'other-cluster'; readonly clusterId: string }

/**
 * A broker that starts joins the cluster; the first one forms it. Its epoch, which tells this start
 * from every other, is the create revision of its key.
 * @returns undefined when it has joined.
 */
export function decideRegistration(
  image: ClusterImage,
  { nodeId, leaseId, clusterId, rack, endpoints }: Registration,
): Decision<RegistrationProblem | undefined> {
  const isFirst = image.clusterId === ''
  if (!isFirst && image.clusterId !== clusterId) {
    return { result: { type: 'other-cluster', clusterId: image.clusterId } }
  }
  if (image.brokers.has(nodeId)) return { result: { type: 'id-in-use' } }
  const broker: BrokerValue = { rack, endpoints }
  const cluster: ClusterValue = { clusterId }
  const join = { key: brokerKey(nodeId), value: JSON.stringify(broker), leaseId }
  const form = { key: CLUSTER_KEY, value: JSON.stringify(cluster) }
  return {
    puts: isFirst ? [form, join] : [join],
    expect: {
      [join.key]: { createRevision: 0 },
      ...(isFirst ? { [CLUSTER_KEY]: { createRevision: 0 } } : {}),
    },
    result: undefined,
  }
}
