import { describeLogDirs } from '../../protocol/api/35-describe-log-dirs.ts'
import { errors } from '../../protocol/errors.ts'
import type { RequestOf } from '../../protocol/schema.ts'
import { handler } from '../handler.ts'

type Request = RequestOf<typeof describeLogDirs>

/** Shows what lies in each log directory and how much room its file system has (KIP-827). */
export default handler(describeLogDirs, (request, { broker }) => {
  const isAsked = filterOf(request)
  return {
    errorCode: 0,
    results: broker.logs.describe().map(({ path, failure, totalBytes, usableBytes, logs }) => {
      const asked = logs.filter(({ topic, partition }) => isAsked(topic, partition))
      const topics = Map.groupBy(asked, ({ topic }) => topic)
      return {
        errorCode: failure === undefined ? 0 : errors.KAFKA_STORAGE_ERROR.code,
        logDir: path,
        topics: Array.from(topics, ([name, partitions]) => ({
          name,
          partitions: partitions.map(({ partition, sizeBytes, isFuture }) => ({
            partitionIndex: partition,
            partitionSize: sizeBytes,
            offsetLag: 0,
            isFutureKey: isFuture,
          })),
        })),
        totalBytes,
        usableBytes,
      }
    }),
  }
})

/** null asks for everything. */
function filterOf({ topics }: Request): (topic: string, partition: number) => boolean {
  if (topics === null) return () => true
  const asked = new Map(topics.map(({ topic, partitions }) => [topic, new Set(partitions)]))
  return (topic, partition) => asked.get(topic)?.has(partition) === true
}
