import { api } from '../schema.ts'

/** UpdateMetadata (6): a ZooKeeper controller sent brokers the cluster's state. Removed in Kafka
 *  4.0; no version is defined any more. */
export const updateMetadata = api({
  key: 6,
  name: 'UpdateMetadata',
  versions: 'none',
  flexible: 'none',
  request: {},
  response: {},
})
