import { api } from '../schema.ts'

/** ControlledShutdown (7): a broker asked a ZooKeeper controller to take its leaderships.
 *  Removed in Kafka 4.0; no version is defined any more. */
export const controlledShutdown = api({
  key: 7,
  name: 'ControlledShutdown',
  versions: 'none',
  flexible: 'none',
  request: {},
  response: {},
})
