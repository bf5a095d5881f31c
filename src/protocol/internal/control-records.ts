/** Control records. The key is a version and `controlRecordTypeSchema`, which tells the value: 0
 *  abort and 1 commit (`endTxnMarker` behind its version), 2 leader change, 3 snapshot header, 4
 *  snapshot footer, 5 KRaft version, 6 voters. The last five begin with a field `version`, which
 *  is that of the message and has nothing before it. */

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

/** The key of every control record, behind its version. */
export const controlRecordTypeSchema = message({
  name: 'ControlRecordTypeSchema',
  versions: '0',
  flexible: 'none',
  fields: {
    type: field(int16),
  },
})

/** A transaction has been committed or aborted in this partition; the key tells which. */
export const endTxnMarker = message({
  name: 'EndTxnMarker',
  versions: '0',
  flexible: 'none',
  fields: {
    /** Of the coordinator that wrote it. */
    coordinatorEpoch: field(int32),
  },
})

const voter = {
  voterId: field(int32),
  voterDirectoryId: field(uuid, '1+', ZERO_UUID),
}

/** A leader of the Raft quorum begins its epoch.
 *  v1 adds directory ids (KIP-853). */
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

/** The first record of a metadata snapshot (KIP-630). */
export const snapshotHeaderRecord = message({
  name: 'SnapshotHeaderRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    version: field(int16),
    lastContainedLogTimestamp: field(int64),
  },
})

/** The last record of a metadata snapshot: without it the snapshot is not whole. */
export const snapshotFooterRecord = message({
  name: 'SnapshotFooterRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    version: field(int16),
  },
})

/** Which version of Raft the quorum speaks (KIP-853). */
export const kraftVersionRecord = message({
  name: 'KRaftVersionRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    version: field(int16),
    kRaftVersion: field(int16),
  },
})

/** The voters of the quorum from here on (KIP-853). */
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
