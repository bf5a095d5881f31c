import { type ConfigChange, decideAlterConfigs } from '../controller/alter-configs.ts'
import { type Outcome, outcomeOf } from '../controller/outcome.ts'
import { errors, KafkaError } from '../protocol/errors.ts'
import { configKind } from './config-resources.ts'
import type { BrokerServices } from './services.ts'

const NO_LOGGERS = 'this broker has no loggers with levels of their own'

/** One resource of a request that changes settings. */
export interface AlteredResource {
  readonly resourceType: number
  readonly resourceName: string
  readonly change: ConfigChange
}

export interface AlterAnswer {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
}

/** Changes settings resource by resource, at once in force and kept: what AlterConfigs and
 *  IncrementalAlterConfigs share. */
export async function alterResources(
  resources: readonly AlteredResource[],
  validateOnly: boolean,
  broker: BrokerServices,
): Promise<AlterAnswer[]> {
  const { metadata, nodeId, settings } = broker
  const wanted = resources.map(({ resourceType, resourceName, change }) => {
    return wantedOf(resourceType, resourceName, change)
  })
  const valid = wanted.flatMap((one) => ('request' in one ? [one.request] : []))
  const outcomes = await metadata.commit((image) =>
    decideAlterConfigs(
      image,
      { resources: valid, validateOnly },
      { nodeId, configs: settings.configs },
    ),
  )
  const next = outcomes.values()
  return wanted.map((one, index) => {
    const { resourceType, resourceName } = resources[index]!
    const { error, message } = 'request' in one ? next.next().value! : one.refusal
    return { errorCode: errors[error].code, errorMessage: message, resourceType, resourceName }
  })
}

type Wanted =
  | { readonly request: Parameters<typeof decideAlterConfigs>[1]['resources'][number] }
  | { readonly refusal: Outcome }

/** Whether there is such a resource is for the decision to say, which sees the image it is made on. */
function wantedOf(type: number, name: string, change: ConfigChange): Wanted {
  let found: Wanted | undefined
  const refusal = outcomeOf(() => {
    const kind = configKind(type, name)
    if (kind === 'broker-logger') throw new KafkaError('INVALID_REQUEST', NO_LOGGERS)
    found = { request: { resource: { kind, name }, change } }
  })
  return found ?? { refusal }
}
