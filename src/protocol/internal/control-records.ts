import { ZERO_UUID } from '../primitives.ts'
import {
  array,
  field,
  int16,
  int32,
  int64,
  message,
  string,
  struct,
  uint16,
  uuid,
} from '../schema.ts'

export const controlRecordTypeSchema = message({
  name: 'ControlRecordTypeSchema',
  versions: '0',
  flexible: 'none',
  fields: {
    type: field(int16),
  },
})

export const endTxnMarker = message({
  name: 'EndTxnMarker',
  versions: '0',
  flexible: 'none',
  fields: {
    coordinatorEpoch: field(int32),
  },
})

const voter = {
  voterId: field(int32),
  voterDirectoryId: field(uuid, '1+', ZERO_UUID),
}

export const leaderChangeMessage = message({
  name: 'LeaderChangeMessage',
  versions: '0-1',
  flexible: '0+',
  fields: {
    version: field(int16),
    leaderId: field(int32),
    voters: field(array(voter)),
    grantingVoters: field(array(voter)),
  },
})

export const snapshotHeaderRecord = message({
  name: 'SnapshotHeaderRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    version: field(int16),
    lastContainedLogTimestamp: field(int64),
  },
})

export const snapshotFooterRecord = message({
  name: 'SnapshotFooterRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    version: field(int16),
  },
})

export const kraftVersionRecord = message({
  name: 'KRaftVersionRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    version: field(int16),
    kRaftVersion: field(int16),
  },
})

export const votersRecord = message({
  name: 'VotersRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    version: field(int16),
    voters: field(
      array({
        voterId: field(int32),
        voterDirectoryId: field(uuid),
        endpoints: field(
          array({
            name: field(string),
            host: field(string),
            port: field(uint16),
          }),
        ),
        kRaftVersionFeature: field(
          struct({
            minSupportedVersion: field(int16),
            maxSupportedVersion: field(int16),
          }),
        ),
      }),
    ),
  },
})
