import type { ServerConfig } from '../config/server-config.ts'
import type { ClusterImage } from '../metadata/image.ts'
import type { ConnectionInfo } from '../network/connection.ts'
import type { Endpoint } from './services.ts'

/**
 * The brokers of the cluster as clients of one connection are told them: the advertised address of the
 * listener they came in by, and without one, for this broker, the address they connected to. That works
 * through containers, tunnels and IPv6 without being set up.
 */
export function endpointsFor(
  image: ClusterImage,
  nodeId: number,
  config: ServerConfig,
  connection: ConnectionInfo,
): readonly Endpoint[] {
  const { name } = connection.listener
  const endpoints: Endpoint[] = []
  for (const { id, rack, endpoints: advertised } of image.brokers.values()) {
    if (id === nodeId) {
      const own = config.listeners.advertised.get(name)
      const host = own?.host ?? connection.localHost
      endpoints.push({ nodeId: id, host, port: own?.port || connection.localPort, rack })
      continue
    }
    const other = advertised.find((endpoint) => endpoint.name === name)
    if (other !== undefined)
      endpoints.push({ nodeId: id, host: other.host, port: other.port, rack })
  }
  return endpoints
}
