import type { CreationRules } from '../controller/create-topics.ts'
import type { Environment } from '../kernel/environment.ts'
import type { Settings } from './settings.ts'

/** What making topics and partitions rests on besides the image. */
export function creationRules(settings: Settings, environment: Environment): CreationRules {
  return {
    configs: settings.configs,
    maxPartitions: settings.broker['moldau.max.partitions'],
    random: environment.random,
  }
}
