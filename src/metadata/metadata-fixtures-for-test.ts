import type { TopicImage } from './image.ts'
import { brokerKey, topicKey } from './keys.ts'
import { MemoryCoordination } from './memory-coordination.ts'
import { VirtualTime } from './virtual-time-fixtures-for-test.ts'

/** A store in memory with the time it lives in. */
export function memoryStore() {
  const time = new VirtualTime()
  const environment = { clock: time, timers: time }
  return { time, environment, coordination: new MemoryCoordination(environment) }
}

/** The put of a topic. */
export function topicPut(name: string, id: string, ...partitions: number[][]) {
  return { key: topicKey(name), value: JSON.stringify({ name, id, partitions }) }
}

/** The put of a broker without listeners. */
export function brokerPut(id: number) {
  return { key: brokerKey(id), value: JSON.stringify({ rack: null, endpoints: [] }) }
}

/** A topic without the revisions, which depend on its history. */
export function withoutRevisions({ createRevision, modRevision, ...topic }: TopicImage) {
  return { ...topic, partitions: topic.partitions.map(({ revision, ...rest }) => rest) }
}
