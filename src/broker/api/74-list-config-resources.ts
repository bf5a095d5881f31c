import type { ClusterImage } from '../../metadata/image.ts'
import { listConfigResources } from '../../protocol/api/74-list-config-resources.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { handler } from '../handler.ts'

type Names = (image: ClusterImage) => Iterable<string>

const brokerIds: Names = ({ brokers }) => Array.from(brokers.keys(), String)

/** Kinds of resource by their number, in the order of Kafka's answer, with the names each has. */
const namesOf = new Map<number, Names>([
  [32, ({ groupConfigs }) => groupConfigs.keys()],
  [16, ({ clientMetricsConfigs }) => clientMetricsConfigs.keys()],
  [8, brokerIds],
  [4, brokerIds],
  [2, ({ topics }) => topics.keys()],
])
/** The only kind before v1, which can ask for others (KIP-1142). */
const CLIENT_METRICS = 16
const TYPED_VERSION = 1

/** Names what can have settings: all topics and brokers, and the groups and client metrics that have
 *  some of their own. */
export default handler(listConfigResources, ({ resourceTypes }, { broker, apiVersion }) => {
  const unknown = resourceTypes.find((type) => !namesOf.has(type))
  if (unknown !== undefined) {
    throw new KafkaError('UNSUPPORTED_VERSION', `resources of type ${unknown} are not listed`)
  }
  const asked = new Set(apiVersion < TYPED_VERSION ? [CLIENT_METRICS] : resourceTypes)
  const { image } = broker.metadata
  const configResources = [...namesOf]
    .filter(([type]) => asked.size === 0 || asked.has(type))
    .flatMap(([resourceType, names]) => {
      return Array.from(names(image), (resourceName) => ({ resourceName, resourceType }))
    })
  return { errorCode: 0, configResources }
})
