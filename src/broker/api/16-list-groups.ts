import { isListed, listedGroup } from '../../group/listed-group.ts'
import { listGroups } from '../../protocol/api/16-list-groups.ts'
import { handler } from '../handler.ts'

/** Lists the groups that this broker coordinates, those of all protocols. */
export default handler(listGroups, async ({ statesFilter, typesFilter }, { broker }) => {
  const filter = {
    states: new Set(statesFilter.map((state) => state.toLowerCase().trim())),
    types: new Set(typesFilter.map((type) => type.toLowerCase())),
  }
  const lists = await broker.groups.queryAll((shard) => {
    return Array.from(shard.groups(), listedGroup).filter((group) => isListed(group, filter))
  })
  return { errorCode: 0, groups: lists.flat() }
})
