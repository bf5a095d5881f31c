import {
  type AskedTopic,
  type FetchedTopic,
  fetchOffsets,
  noOffset,
} from '../../group/offsets/fetch.ts'
import type { ClusterImage } from '../../metadata/image.ts'
import { offsetFetch } from '../../protocol/api/09-offset-fetch.ts'
import { errors, type KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { RequestOf } from '../../protocol/schema.ts'
import { handler, type RequestContext } from '../handler.ts'
import { answerEach } from '../per-partition.ts'

type Request = RequestOf<typeof offsetFetch>

/** What is asked about one group, in the form of every version. */
interface AskedGroup {
  readonly groupId: string
  readonly memberId: string | null
  readonly memberEpoch: number
  /** null: all that have offsets. */
  readonly topics: readonly AskedTopic[] | null
}

interface AnsweredGroup {
  readonly groupId: string
  readonly topics: readonly FetchedTopic[]
  readonly errorCode: number
}

/** The first versions that have an error for the whole, ask for several groups, name topics by id. */
const GROUP_ERROR_VERSION = 2
const BATCH_VERSION = 8
const TOPIC_ID_VERSION = 10

/** Tells how far groups have read. An error of a group is that group's alone. */
export default handler(
  offsetFetch,
  async (request, context) => {
    const { apiVersion } = context
    const answers = await answerEach(
      askedGroups(request, apiVersion),
      (asked) => answerGroup(asked, request.requireStable, context),
      (asked, error) => refusal(asked, error, apiVersion),
    )
    if (apiVersion >= BATCH_VERSION) return { groups: answers }
    const [{ topics, errorCode } = NOTHING] = answers
    return { topics, errorCode }
  },
  { keepsNothing: true },
)

const NOTHING: AnsweredGroup = { groupId: '', topics: [], errorCode: errors.NONE.code }

function askedGroups(request: Request, apiVersion: number): readonly AskedGroup[] {
  if (apiVersion >= BATCH_VERSION) return request.groups
  const topics = request.topics?.map((topic) => ({ ...topic, topicId: ZERO_UUID })) ?? null
  return [{ groupId: request.groupId, memberId: null, memberEpoch: -1, topics }]
}

async function answerGroup(
  asked: AskedGroup,
  requireStable: boolean,
  { broker, apiVersion }: RequestContext,
): Promise<AnsweredGroup> {
  const isById = apiVersion >= TOPIC_ID_VERSION
  const { image } = broker.metadata
  const named = asked.topics?.map((topic) => (isById ? withName(topic, image) : topic)) ?? null
  const unknown = isById ? (named?.filter(({ name }) => name === '') ?? []) : []
  const topics = isById ? (named?.filter(({ name }) => name !== '') ?? null) : named
  const fetched = await broker.groups.query(asked.groupId, (shard) => {
    return fetchOffsets(shard, { ...asked, topics, requireStable })
  })
  const known = isById ? withIds(fetched, image) : fetched
  const { code } = errors.UNKNOWN_TOPIC_ID
  const answered = [...known, ...unknown.map((topic) => topicOfErrors(topic, code))]
  return { groupId: asked.groupId, topics: answered, errorCode: errors.NONE.code }
}

/** Without a name when nobody knows the id. */
function withName(topic: AskedTopic, image: ClusterImage): AskedTopic {
  return { ...topic, name: image.topicsById.get(topic.topicId)?.name ?? '' }
}

/** A topic that is gone has no id, so its offsets cannot be told. */
function withIds(topics: readonly FetchedTopic[], image: ClusterImage): readonly FetchedTopic[] {
  return topics
    .map((topic) => {
      const topicId = topic.topicId === ZERO_UUID ? image.topics.get(topic.name)?.id : topic.topicId
      return { ...topic, topicId: topicId ?? ZERO_UUID }
    })
    .filter(({ topicId }) => topicId !== ZERO_UUID)
}

/** The error of a group; version 1 had no place for it but the partitions. */
function refusal(asked: AskedGroup, { code }: KafkaError, apiVersion: number): AnsweredGroup {
  const { groupId } = asked
  if (apiVersion >= GROUP_ERROR_VERSION) return { groupId, topics: [], errorCode: code }
  const topics = asked.topics?.map((topic) => topicOfErrors(topic, code)) ?? []
  return { groupId, topics, errorCode: errors.NONE.code }
}

function topicOfErrors(
  { name, topicId, partitionIndexes }: AskedTopic,
  code: number,
): FetchedTopic {
  return { name, topicId, partitions: partitionIndexes.map((index) => noOffset(index, code)) }
}
