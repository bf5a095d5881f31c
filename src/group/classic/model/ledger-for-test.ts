import type { Ticket } from '../../../coordinator/machine.ts'
import type { JoinAnswer } from '../coordinator-for-test.ts'
import type { ModelClient, Observer, Part } from './client-for-test.ts'
import type { ModelCoordinator } from './coordinator-for-test.ts'
import { must } from './violation-for-test.ts'

/** What members were told, over all coordinators: nobody may have been told otherwise. */
export class Ledger implements Observer {
  readonly #coordinator: ModelCoordinator
  readonly #leaders = new Map<string, string>()
  readonly #owners = new Map<string, string>()

  constructor(coordinator: ModelCoordinator) {
    this.#coordinator = coordinator
  }

  /** One leader per generation, and only it is told of the others. A generation that was not on record
   *  never was: the next coordinator may begin it anew. */
  joined(client: ModelClient, answer: JoinAnswer, ticket: Ticket): void {
    const life = this.#coordinator.answeredIn.get(ticket)
    const generation = `${answer.generationId} of life ${life}`
    const isLeader = answer.leader === client.memberId
    must(
      answer.members.length > 0 === isLeader,
      () =>
        `${client.options.name} is told of ${answer.members.length} members; leader: ${isLeader}`,
    )
    if (!isLeader) return
    const leader = this.#leaders.get(generation) ?? client.identity
    this.#leaders.set(generation, leader)
    must(
      leader === client.identity,
      () => `generation ${generation} is led by ${leader} and by ${client.identity}`,
    )
  }

  /** No partition has two owners in one generation. */
  assigned(client: ModelClient, { generation, partitions }: Part): void {
    must(
      generation === client.generation,
      () =>
        `${client.options.name} joined generation ${client.generation}, its part is of ${generation}`,
    )
    for (const partition of partitions) {
      const place = `partition ${partition} in generation ${generation}`
      const owner = this.#owners.get(place) ?? client.identity
      this.#owners.set(place, owner)
      must(owner === client.identity, () => `${place} is ${owner}'s and ${client.identity}'s`)
    }
  }
}
