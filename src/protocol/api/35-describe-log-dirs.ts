import {
  api,
  array,
  bool,
  field,
  ignorable,
  int16,
  int32,
  int64,
  nullable,
  string,
} from '../schema.ts'

/** DescribeLogDirs (35): tells what lies in a broker's log directories (KIP-113).
 *  v2 is flexible · v3 adds a top-level error · v4 adds sizes of the volumes (KIP-827) · v5 adds
 *  isCordoned (KIP-1066). */
export const describeLogDirs = api({
  key: 35,
  name: 'DescribeLogDirs',
  versions: '1-5',
  flexible: '2+',
  request: {
    /** null: all. */
    topics: field(
      nullable(
        array({
          topic: field(string),
          partitions: field(array(int32)),
        }),
      ),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16, '3+', 0, ignorable),
    results: field(
      array({
        errorCode: field(int16),
        logDir: field(string),
        topics: field(
          array({
            name: field(string),
            partitions: field(
              array({
                partitionIndex: field(int32),
                /** Bytes of its segments. */
                partitionSize: field(int64),
                /** Offsets behind the high watermark, or of a future log behind the current one. */
                offsetLag: field(int64),
                /** It is being moved here, and will replace the current log. */
                isFutureKey: field(bool),
              }),
            ),
          }),
        ),
        /** Of the volume; -1: unknown. */
        totalBytes: field(int64, '4+', -1, ignorable),
        /** Of the volume; -1: unknown. */
        usableBytes: field(int64, '4+', -1, ignorable),
        /** New replicas are not placed here. */
        isCordoned: field(bool, '5+', false, ignorable),
      }),
    ),
  },
})
