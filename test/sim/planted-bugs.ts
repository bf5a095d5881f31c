/** Bugs planted around the broker, never in its source: the simulator is worth what it finds of them. */
import { Callers } from '../../src/coordinator/callers.ts'
import type { GroupEvent } from '../../src/group/events.ts'
import { GroupShard } from '../../src/group/shard.ts'
import type { DiskFile } from '../../src/kernel/environment.ts'
import { encodeSnapshot } from '../../src/log/producer-snapshot.ts'
import { ProducerState } from '../../src/log/producer-state.ts'
import type { Commit, Coordination } from '../../src/metadata/coordination.ts'
import { ImmutableMap } from '../../src/metadata/immutable-map.ts'
import { Partition } from '../../src/replication/partition.ts'
import type { Plants } from './machine.ts'
import { WatchedDisk, WatchedFile } from './watched-disk.ts'

/** One bug. */
export interface PlantedBug {
  /** What goes wrong with it. */
  readonly sentence: string
  /** Where the tests begin to look; absent: 1. Of some bugs few worlds tell. */
  readonly firstSeed?: number
  readonly plants?: Plants
  /** Puts it in. @returns what takes it out again. */
  readonly install?: () => () => void
}

const isLog = (path: string): boolean => path.endsWith('.log')

class UnsyncedFile extends WatchedFile {
  override async sync(): Promise<void> {
    if (!isLog(this.path)) await super.sync()
  }
}

class UnsyncedDisk extends WatchedDisk {
  protected override wrap(file: DiskFile): DiskFile {
    return new UnsyncedFile(this, file)
  }
}

class UnsyncedDirectories extends WatchedDisk {
  override syncDirectory(): void {}
}

const CLEAN_MARK = '.kafka_cleanshutdown'

class AlwaysClean extends WatchedDisk {
  override stat(path: string) {
    if (!path.endsWith(CLEAN_MARK)) return super.stat(path)
    return { type: 'file', sizeBytes: 1, modifiedMs: 0 } as const
  }

  override readFile(path: string): Uint8Array {
    if (!path.endsWith(CLEAN_MARK)) return super.readFile(path)
    return Buffer.from('{"version":0,"brokerEpoch":1}')
  }
}

class ForgetfulSnapshot extends WatchedFile {
  override writeSync(chunks: readonly Uint8Array[], position: number): void {
    const isSnapshot = this.path.endsWith('.snapshot')
    super.writeSync(isSnapshot ? [encodeSnapshot([])] : chunks, position)
  }
}

class ForgetfulDisk extends WatchedDisk {
  protected override wrap(file: DiskFile): DiskFile {
    return new ForgetfulSnapshot(this, file)
  }
}

class UndeletedPartitions extends WatchedDisk {
  override rename(from: string, to: string): void {
    if (!to.endsWith('-delete')) super.rename(from, to)
  }
}

/** The last write of each log file, still in the memory of the process. */
function lateWrites(): Plants {
  const sizes = new Map<string, number>()
  class LateFile extends WatchedFile {
    override writeSync(chunks: readonly Uint8Array[], position: number): void {
      super.writeSync(chunks, position)
      if (isLog(this.path)) sizes.set(this.path, position)
    }
  }
  class LateDisk extends WatchedDisk {
    protected override wrap(file: DiskFile): DiskFile {
      return new LateFile(this, file)
    }
  }
  return {
    disk: (inner, watch) => new LateDisk(inner, watch),
    beforeDeath(_death, disk) {
      for (const [path, sizeBytes] of sizes) {
        if (disk.stat(path) !== undefined) disk.open(path, 'write').truncate(sizeBytes)
      }
      sizes.clear()
    },
  }
}

/** The log end; 0 when the disk has failed. */
function endOf(partition: Partition): number {
  try {
    return partition.log.logEndOffset
  } catch {
    return 0
  }
}

/** A store that loses everything written below a prefix. */
function losing(prefix: string): Plants {
  const without = ({ puts = [], expect = {}, ...rest }: Commit): Commit => ({
    ...rest,
    puts: puts.filter(({ key }) => !key.startsWith(prefix)),
    expect: Object.fromEntries(Object.entries(expect).filter(([key]) => !key.startsWith(prefix))),
  })
  return {
    coordination: (inner): Coordination => ({
      limits: inner.limits,
      read: (under) => inner.read(under),
      commit: (commit) => inner.commit(without(commit)),
      watch: (under, revision, signal) => inner.watch(under, revision, signal),
      grantLease: (ttlMs) => inner.grantLease(ttlMs),
      keepAlive: (leaseId) => inner.keepAlive(leaseId),
      revokeLease: (leaseId) => inner.revokeLease(leaseId),
      close: () => inner.close(),
    }),
  }
}

/** Puts another function in the place of a method. */
function replaceMethod<Owner extends object, Name extends keyof Owner>(
  owner: Owner,
  name: Name,
  make: (original: Owner[Name]) => Owner[Name],
): () => void {
  const original = owner[name]
  owner[name] = make(original)
  return () => {
    owner[name] = original
  }
}

const NOBODY = ImmutableMap.empty<string>()

/** A commit as the first member of the group would send it. */
function asMember(shard: GroupShard, event: GroupEvent): GroupEvent {
  if (event.type !== 'offset-commit') return event
  const group = shard.group(event.request.groupId)
  const [memberId] = group?.members.keys() ?? []
  if (group === undefined || memberId === undefined) return event
  const generationIdOrMemberEpoch =
    group.type === 'classic' ? group.generation : (group.members.get(memberId)?.memberEpoch ?? 0)
  return { ...event, request: { ...event.request, memberId, generationIdOrMemberEpoch } }
}

export const plantedBugs = {
  'acknowledged before written': {
    sentence: 'A kill takes the last write of each log, though it was acknowledged.',
    plants: lateWrites(),
  },
  'sync skipped': {
    sentence: 'Log files are never synced, also where flush.messages=1 asks for it.',
    plants: { disk: (inner, watch) => new UnsyncedDisk(inner, watch) },
  },
  'directories not synced': {
    sentence: 'New segments and partitions are synced, but not the names they have.',
    plants: { disk: (inner, watch) => new UnsyncedDirectories(inner, watch) },
  },
  'recovery skipped': {
    sentence: 'Every start believes in a clean stop and cuts no damaged end.',
    plants: { disk: (inner, watch) => new AlwaysClean(inner, watch) },
  },
  'producers forgotten': {
    sentence: 'Producer snapshots are written empty.',
    firstSeed: 31,
    plants: { disk: (inner, watch) => new ForgetfulDisk(inner, watch) },
  },
  'duplicates appended': {
    sentence: 'Sequences of idempotent producers are not looked at.',
    install: () => replaceMethod(ProducerState.prototype, 'check', () => () => undefined),
  },
  'announced too early': {
    sentence:
      'Records are acknowledged and shown once appended, before they are written or synced.',
    install: () =>
      replaceMethod(Partition.prototype, 'append', (original) => {
        return function (this: Partition, ...batch) {
          const outcome = original.apply(this, batch)
          this.written(endOf(this))
          return outcome
        }
      }),
  },
  'offsets promised too early': {
    sentence: 'Coordinators answer once they have decided, before their records are committed.',
    install: () =>
      replaceMethod(Callers.prototype, 'answer', (original) => {
        return function (this: Callers, ticket, _endOffset, answer) {
          original.call(this, ticket, 0, answer)
        }
      }),
  },
  'groups forgotten': {
    sentence:
      'A coordinator that loads its partition knows the offsets of its groups and not the groups.',
    install: () =>
      replaceMethod(GroupShard.prototype, 'decode', (original) => {
        return function (this: GroupShard, stored) {
          const record = original.call(this, stored)
          return record?.type === 'offset' ? record : undefined
        }
      }),
  },
  'commits of anybody': {
    sentence: 'A commit is taken for one of a member, whoever sent it.',
    install: () =>
      replaceMethod(GroupShard.prototype, 'decide', (original) => {
        return function (this: GroupShard, event, ticket, world) {
          return original.call(this, asMember(this, event), ticket, world)
        }
      }),
  },
  'handed over early': {
    sentence: 'A partition goes to its next owner before the last one has given it up.',
    install: () =>
      replaceMethod(GroupShard.prototype, 'group', (original) => {
        return function (this: GroupShard, groupId) {
          const group = original.call(this, groupId)
          return group?.type === 'consumer' ? { ...group, holders: NOBODY } : group
        }
      }),
  },
  'epoch kept after a crash': {
    sentence: 'A leader that may have lost records goes on in the same leader epoch.',
    plants: losing('/partitions/'),
  },
  'deleted data kept': {
    sentence: 'The directories of deleted topics keep their names.',
    plants: { disk: (inner, watch) => new UndeletedPartitions(inner, watch) },
  },
} as const satisfies Record<string, PlantedBug>

export type PlantedBugName = keyof typeof plantedBugs

export function isPlantedBug(name: string): name is PlantedBugName {
  return Object.hasOwn(plantedBugs, name)
}
