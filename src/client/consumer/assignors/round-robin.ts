import type { TopicPartition } from '../topic-partition.ts'
import { type Assignor, compareText, inMemberOrder } from './assignor.ts'

/**
 * Lays out all partitions by topic and number and gives them to the members in turn, passing those
 * that do not want the topic. Members with equal wishes differ by one partition at most; the price is
 * that nearly everything moves when one of them comes or goes.
 */
export const roundRobinAssignor: Assignor = {
  name: 'roundrobin',
  protocol: 'eager',
  assign(topics, members) {
    const assignment = new Map<string, TopicPartition[]>()
    for (const { memberId } of members) assignment.set(memberId, [])
    const circle = inMemberOrder(members).map(({ memberId, topics: wanted }) => {
      return { wanted: new Set(wanted), given: assignment.get(memberId)! }
    })
    const wanted = new Set(members.flatMap((member) => member.topics))
    let turn = 0
    for (const topic of [...wanted].sort(compareText)) {
      const count = topics.get(topic)?.length ?? 0
      for (let partition = 0; partition < count; partition++) {
        while (!circle[turn]!.wanted.has(topic)) turn = (turn + 1) % circle.length
        circle[turn]!.given.push({ topic, partition })
        turn = (turn + 1) % circle.length
      }
    }
    return assignment
  },
}
