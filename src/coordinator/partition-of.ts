/**
 * The partition of an internal topic that a key (a group id, a transactional id) belongs to: the hash
 * of a Java string, without its sign, as every Kafka broker and some clients compute it.
 * @param partitionCount of the topic, at least 1.
 */
export function partitionOf(key: string, partitionCount: number): number {
  let hash = 0
  for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0
  // The smallest int32 has no positive counterpart; Kafka takes 0 for it.
  return (hash === -0x8000_0000 ? 0 : Math.abs(hash)) % partitionCount
}
