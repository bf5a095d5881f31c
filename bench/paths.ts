import { join } from 'node:path'

/** The project's own directory. */
export const projectDirectory = join(import.meta.dirname, '..')
/** What is built once, and the data of brokers under test while they run. Git ignores it. */
export const cacheDirectory = join(projectDirectory, '.cache/bench')
/** The script that runs a real Kafka; often absent. */
export const kafkaScript = join(projectDirectory, '../shared/lab/kafka/kafka')
