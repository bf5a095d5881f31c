import { type Alteration, operations } from '../../config/alter.ts'
import type { ConfigChange } from '../../controller/alter-configs.ts'
import { incrementalAlterConfigs } from '../../protocol/api/44-incremental-alter-configs.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { RequestOf } from '../../protocol/schema.ts'
import { alterResources } from '../alter-configs.ts'
import { handler } from '../handler.ts'

type Altered = RequestOf<typeof incrementalAlterConfigs>['resources'][number]

/** Sets, deletes, appends to or subtracts from single settings (KIP-339). */
export default handler(incrementalAlterConfigs, async (request, { broker }) => ({
  responses: await alterResources(
    request.resources.map((resource) => ({
      resourceType: resource.resourceType,
      resourceName: resource.resourceName,
      change: changeOf(resource),
    })),
    request.validateOnly,
    broker,
  ),
}))

function changeOf({ configs }: Altered): ConfigChange {
  const alterations = configs.map(({ name, configOperation, value }): Alteration => {
    const operation = operations[configOperation]
    if (operation === undefined) {
      throw new KafkaError(
        'INVALID_REQUEST',
        `Unknown operation type ${configOperation} for ${name}`,
      )
    }
    return { name, operation, value }
  })
  return { type: 'alter', alterations }
}
