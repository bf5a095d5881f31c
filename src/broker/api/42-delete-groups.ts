import { deleteGroups } from '../../protocol/api/42-delete-groups.ts'
import { handler } from '../handler.ts'
import { answerEach } from '../per-partition.ts'

/** Deletes groups without members, and their offsets (KIP-229). A group named twice counts once. */
export default handler(deleteGroups, async ({ groupsNames }, { broker }) => ({
  results: await answerEach(
    [...new Set(groupsNames)],
    async (groupId) => {
      await broker.groups.submit(groupId, { type: 'delete-group', groupId })
      return { groupId, errorCode: 0 }
    },
    (groupId, error) => ({ groupId, errorCode: error.code }),
  ),
}))
