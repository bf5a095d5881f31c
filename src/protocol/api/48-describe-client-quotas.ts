import {
  api,
  array,
  bool,
  field,
  float64,
  int8,
  int16,
  int32,
  nullable,
  string,
} from '../schema.ts'

export const describeClientQuotas = api({
  key: 48,
  name: 'DescribeClientQuotas',
  versions: '0-1',
  flexible: '1+',
  request: {
    components: field(
      array({
        entityType: field(string),
        matchType: field(int8),
        match: field(nullable(string)),
      }),
    ),
    strict: field(bool),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string)),
    entries: field(
      nullable(
        array({
          entity: field(
            array({
              entityType: field(string),
              entityName: field(nullable(string)),
            }),
          ),
          values: field(
            array({
              key: field(string),
              value: field(float64),
            }),
          ),
        }),
      ),
    ),
  },
})
