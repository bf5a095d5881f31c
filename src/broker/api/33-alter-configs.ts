import { alterConfigs } from '../../protocol/api/33-alter-configs.ts'
import { alterResources } from '../alter-configs.ts'
import { handler } from '../handler.ts'

/** Replaces all settings that a resource has of its own. */
export default handler(alterConfigs, async (request, { broker }) => ({
  responses: await alterResources(
    request.resources.map(({ resourceType, resourceName, configs }) => ({
      resourceType,
      resourceName,
      change: { type: 'replace', entries: configs },
    })),
    request.validateOnly,
    broker,
  ),
}))
