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

export const describeLogDirs = api({
  key: 35,
  name: 'DescribeLogDirs',
  versions: '1-5',
  flexible: '2+',
  request: {
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
                partitionSize: field(int64),
                offsetLag: field(int64),
                isFutureKey: field(bool),
              }),
            ),
          }),
        ),
        totalBytes: field(int64, '4+', -1, ignorable),
        usableBytes: field(int64, '4+', -1, ignorable),
        isCordoned: field(bool, '5+', false, ignorable),
      }),
    ),
  },
})
