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

/** DescribeClientQuotas (48): tells client quotas that match a filter (KIP-546).
 *  v1 is flexible. */
export const describeClientQuotas = api({
  key: 48,
  name: 'DescribeClientQuotas',
  versions: '0-1',
  flexible: '1+',
  request: {
    components: field(
      array({
        entityType: field(string),
        /** 0: this name, 1: the default, 2: any name. */
        matchType: field(int8),
        match: field(nullable(string)),
      }),
    ),
    /** Leave out entities of further types. */
    strict: field(bool),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string)),
    /** null with an error. */
    entries: field(
      nullable(
        array({
          entity: field(
            array({
              entityType: field(string),
              /** null: the default. */
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
