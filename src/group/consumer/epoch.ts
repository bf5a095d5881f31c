import type { Draft } from './draft.ts'
import { metadataHash } from './metadata-hash.ts'
import { groupRecord, partitionMetadataTombstone } from './records.ts'

/**
 * Looks at the metadata of the subscribed topics, and begins a new epoch of the group when they are
 * others than before.
 * @param isChanged the group needs another assignment in any case.
 */
export function updateEpoch(draft: Draft, isChanged: boolean): void {
  const { group, world } = draft
  if (!isChanged && !group.isMetadataStale) return
  const hash = metadataHash(group.topicSubscribers.keys(), world.image)
  if (isChanged || hash !== group.metadataHash) {
    draft.append(groupRecord(group.groupId, group.epoch + 1, hash))
  }
  if (group.hasPartitionMetadata) draft.append(partitionMetadataTombstone(group.groupId))
  draft.setMetadataStale(false)
}
