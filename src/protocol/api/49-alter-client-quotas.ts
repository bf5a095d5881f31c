import { api, array, bool, field, float64, int16, int32, nullable, string } from '../schema.ts'

/** AlterClientQuotas (49): sets and removes client quotas (KIP-546).
 *  v1 is flexible. */
export const alterClientQuotas = api({
  key: 49,
  name: 'AlterClientQuotas',
  versions: '0-1',
  flexible: '1+',
  request: {
    entries: field(
      array({
        entity: field(
          array({
            entityType: field(string),
            /** null: the default. */
            entityName: field(nullable(string)),
          }),
        ),
        ops: field(
          array({
            key: field(string),
            value: field(float64),
            remove: field(bool),
          }),
        ),
      }),
    ),
    validateOnly: field(bool),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    entries: field(
      array({
        errorCode: field(int16),
        errorMessage: field(nullable(string)),
        entity: field(
          array({
            entityType: field(string),
            /** null: the default. */
            entityName: field(nullable(string)),
          }),
        ),
      }),
    ),
  },
})
