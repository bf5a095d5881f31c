import type { ClusterImage } from '../metadata/image.ts'
import { brokerKey, CLUSTER_KEY } from '../metadata/keys.ts'
import type { Decision } from '../metadata/metadata-store.ts'
import type { BrokerValue, ClusterValue } from '../metadata/values.ts'

export interface Registration extends BrokerValue {
  readonly nodeId: number
  readonly leaseId: string
  readonly clusterId: string
}
export type RegistrationProblem =
  | { readonly type: 'other-cluster'; readonly clusterId: string }
  | { readonly type: 'id-in-use' }

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
