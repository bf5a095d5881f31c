import { api, array, bool, field, int16, int32, int64, nullable, tagged, uuid } from '../schema.ts'

/** BrokerHeartbeat (63): a broker tells the controller that it lives, and what it wants
 *  (KIP-631).
 *  v1 adds offlineLogDirs (KIP-858) · v2 adds cordonedLogDirs (KIP-1066). */
export const brokerHeartbeat = api({
  key: 63,
  name: 'BrokerHeartbeat',
  versions: '0-2',
  flexible: '0+',
  request: {
    brokerId: field(int32),
    brokerEpoch: field(int64, '0+', -1),
    /** How far the broker has read. */
    currentMetadataOffset: field(int64),
    wantFence: field(bool),
    wantShutDown: field(bool),
    offlineLogDirs: tagged(0, array(uuid), '1+'),
    /** null: not known yet. */
    cordonedLogDirs: tagged(1, nullable(array(uuid)), '2+', null),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    isCaughtUp: field(bool, '0+', false),
    isFenced: field(bool, '0+', true),
    /** Its leaderships are gone: it may stop. */
    shouldShutDown: field(bool),
  },
})
