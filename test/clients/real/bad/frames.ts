import { findCoordinator } from '../../../../src/protocol/api/10-find-coordinator.ts'
import { apiVersions } from '../../../../src/protocol/api/18-api-versions.ts'
import { describeCluster } from '../../../../src/protocol/api/60-describe-cluster.ts'
import { headerOf, withSize } from '../../raw/connection.ts'
import { type BadRequest, rowsOf, steps } from './row.ts'

const versions = rowsOf(apiVersions, 4)
const client = { clientSoftwareName: 'test', clientSoftwareVersion: '1.0' }

/** Whole frames that are no request; most end the connection. */
const frame = (name: string, bytes: () => Uint8Array): BadRequest =>
  steps(`a frame: ${name}`, async (connection) => [
    `${(await connection.askBytes(bytes())).length > 0}`,
  ])

const size = (count: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(count)
  return bytes
}

export const frameRequests: readonly BadRequest[] = [
  ...versions('a good one', () => client, [0, 1, 2, 3, 4]),
  ...versions('an empty name', () => ({ ...client, clientSoftwareName: '' }), [3, 4]),
  ...versions('a name with a space', () => ({ ...client, clientSoftwareName: 'a b' }), [3, 4]),
  ...versions('a version with a slash', () => ({ ...client, clientSoftwareVersion: '1/2' })),
  ...rowsOf(findCoordinator, 6)(
    'an unknown kind',
    () => ({ keyType: 9, coordinatorKeys: ['x'] }),
    [4, 6],
  ),
  ...rowsOf(findCoordinator, 3)('an unknown kind', () => ({ keyType: 9, key: 'x' }), [1, 3]),
  ...rowsOf(findCoordinator, 6)('no keys', () => ({ keyType: 0, coordinatorKeys: [] })),
  ...rowsOf(describeCluster, 2)('endpoints of controllers', () => ({
    includeClusterAuthorizedOperations: false,
    endpointType: 2,
  })),
  ...rowsOf(describeCluster, 2)('endpoints of an unknown kind', () => ({
    includeClusterAuthorizedOperations: false,
    endpointType: 9,
  })),
  steps('ApiVersions in a version to come is answered in version 0', async (connection) => {
    const answer = await connection.askBytes(withSize(headerOf(18, 99, 5, true)))
    return [answer.readInt32BE(0), answer.readInt16BE(4), answer.readInt32BE(6) > 0]
  }),
  frame('an unknown api key', () => withSize(headerOf(999, 0, 1, false))),
  frame('a negative api key', () => withSize(headerOf(-1, 0, 1, false))),
  frame('Metadata in a version to come', () => withSize(headerOf(3, 99, 1, true))),
  frame('Metadata in a negative version', () => withSize(headerOf(3, -1, 1, false))),
  frame('Fetch in a version that is gone', () => withSize(headerOf(1, 2, 1, false))),
  frame('Metadata without a body', () => withSize(headerOf(3, 4, 1, false))),
  frame('a request cut short', () => withSize(headerOf(3, 4, 1, false).subarray(0, 5))),
  frame('an array of two thousand million', () =>
    withSize(Buffer.concat([headerOf(3, 4, 1, false), size(2_000_000_000)])),
  ),
  // librdkafka 2.12 asks for all topics with three bytes too many.
  frame('Metadata v13 with bytes behind its body', () =>
    withSize(Buffer.concat([headerOf(3, 13, 1, true), Buffer.from('00000000010000', 'hex')])),
  ),
  frame('ApiVersions v0 with bytes behind its body', () =>
    withSize(Buffer.concat([headerOf(18, 0, 1, false), Buffer.alloc(3)])),
  ),
  frame('a size of 0', () => size(0)),
  frame('a negative size', () => size(-1)),
  frame('a size above the limit', () => size(2_000_000_000)),
  frame('HTTP', () => Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')),
  frame('TLS', () => Buffer.from('16030100a5010000a10303', 'hex')),
]
