import { api } from '../schema.ts'

/** StopReplica (5): a ZooKeeper controller told brokers to drop partitions. Removed in Kafka
 *  4.0; no version is defined any more. */
export const stopReplica = api({
  key: 5,
  name: 'StopReplica',
  versions: 'none',
  flexible: 'none',
  request: {},
  response: {},
})
