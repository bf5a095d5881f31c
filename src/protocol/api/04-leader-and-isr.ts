import { api } from '../schema.ts'

/** LeaderAndIsr (4): a ZooKeeper controller told brokers their partitions. Removed in Kafka 4.0;
 *  no version is defined any more. */
export const leaderAndIsr = api({
  key: 4,
  name: 'LeaderAndIsr',
  versions: 'none',
  flexible: 'none',
  request: {},
  response: {},
})
