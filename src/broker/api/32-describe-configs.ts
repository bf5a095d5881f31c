import { describe, type Resource } from '../../config/describe.ts'
import { NO_OVERRIDES } from '../../config/dynamic.ts'
import { describeConfigs } from '../../protocol/api/32-describe-configs.ts'
import type { RequestOf, ResponseInput } from '../../protocol/schema.ts'
import { type ConfigTarget, configTarget } from '../config-resources.ts'
import { handler } from '../handler.ts'
import { answerEach } from '../per-partition.ts'
import type { BrokerServices } from '../services.ts'

type Asked = RequestOf<typeof describeConfigs>['resources'][number]
type Answer = ResponseInput<typeof describeConfigs>['results'][number]

/**
 * Shows settings, where each comes from and what it means (KIP-133, KIP-226, KIP-569). Settings of
 * loggers are an empty list: log lines have one level for all.
 */
export default handler(describeConfigs, async (request, { broker }) => ({
  results: await answerEach<Asked, Answer>(
    request.resources,
    ({ resourceType, resourceName, configurationKeys }) => ({
      errorCode: 0,
      errorMessage: '',
      resourceType,
      resourceName,
      configs: entries(configTarget(resourceType, resourceName, broker), broker, {
        keys: configurationKeys,
        synonyms: request.includeSynonyms,
        documentation: request.includeDocumentation,
      }),
    }),
    ({ resourceType, resourceName }, error) => ({
      errorCode: error.code,
      errorMessage: error.message,
      resourceType,
      resourceName,
      configs: [],
    }),
  ),
}))

function entries(
  { kind, name }: ConfigTarget,
  { metadata, settings }: BrokerServices,
  question: Parameters<typeof describe>[2],
): Answer['configs'] {
  const { image } = metadata
  if (kind === 'broker-logger') return []
  const resources: Record<typeof kind, Resource> = {
    topic: { type: 'topic', overrides: settings.ofTopic(name) },
    broker: { type: name === '' ? 'cluster-default' : 'broker' },
    group: { type: 'group', overrides: settings.ofGroup(name) },
    'client-metrics': {
      type: 'client-metrics',
      overrides: image.clientMetricsConfigs.get(name) ?? NO_OVERRIDES,
    },
  }
  return describe(settings.configs, resources[kind], question)
}
