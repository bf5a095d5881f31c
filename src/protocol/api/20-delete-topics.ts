import { ZERO_UUID } from '../primitives.ts'
import { api, array, field, ignorable, int16, int32, nullable, string, uuid } from '../schema.ts'

/** DeleteTopics (20): deletes topics.
 *  v4 is flexible · v5 answers errorMessage and may answer THROTTLING_QUOTA_EXCEEDED (KIP-599) ·
 *  v6 names topics by name or id (KIP-516). */
export const deleteTopics = api({
  key: 20,
  name: 'DeleteTopics',
  versions: '1-6',
  flexible: '4+',
  request: {
    topics: field(
      array({
        /** null: named by id. */
        name: field(nullable(string), '0+', null),
        topicId: field(uuid),
      }),
      '6+',
      [],
    ),
    topicNames: field(array(string), '0-5', [], ignorable),
    timeoutMs: field(int32),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    responses: field(
      array({
        name: field(nullable(string, '6+')),
        topicId: field(uuid, '6+', ZERO_UUID, ignorable),
        errorCode: field(int16),
        errorMessage: field(nullable(string), '5+', null, ignorable),
      }),
    ),
  },
})
