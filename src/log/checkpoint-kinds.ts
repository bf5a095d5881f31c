import type { PartitionOffset } from './checkpoint-file.ts'
import type { HostedLog } from './hosted-log.ts'
import type { CheckpointKind } from './log-checkpoints.ts'
import type { CheckpointName, LogDirectory } from './log-directory.ts'

/** The broker settings that say how often checkpoints are written. */
export interface CheckpointConfig {
  readonly 'log.flush.offset.checkpoint.interval.ms': number
  readonly 'log.flush.start.offset.checkpoint.interval.ms': number
  readonly 'replica.high.watermark.checkpoint.interval.ms': number
}

/** Where checkpoints get their numbers from. */
export interface CheckpointState {
  readonly logsIn: (directory: LogDirectory) => readonly HostedLog[]
  /** undefined for a partition of which nothing is known. */
  readonly highWatermark: (topic: string, partition: number) => number | undefined
}

/** What the checkpoint files of a log directory hold. */
export function checkpointKinds(
  config: () => CheckpointConfig,
  { logsIn, highWatermark }: CheckpointState,
): Readonly<Record<CheckpointName, CheckpointKind>> {
  const offsets =
    (offsetOf: (hosted: HostedLog) => number | undefined) =>
    (directory: LogDirectory): readonly PartitionOffset[] =>
      logsIn(directory).flatMap((hosted) => {
        const { topic, partition } = hosted
        const offset = offsetOf(hosted)
        return offset === undefined ? [] : [{ topic, partition, offset }]
      })
  return {
    'recovery-point-offset-checkpoint': {
      source: offsets(({ log }) => log.recoveryPoint),
      intervalMs: () => config()['log.flush.offset.checkpoint.interval.ms'],
    },
    'log-start-offset-checkpoint': {
      source: offsets(({ log: { logStartOffset, segments } }) => {
        // Otherwise the name of the first segment says it.
        return logStartOffset > segments[0]!.baseOffset ? logStartOffset : undefined
      }),
      intervalMs: () => config()['log.flush.start.offset.checkpoint.interval.ms'],
    },
    'replication-offset-checkpoint': {
      source: offsets(({ topic, partition }) => highWatermark(topic, partition)),
      intervalMs: () => config()['replica.high.watermark.checkpoint.interval.ms'],
    },
    'cleaner-offset-checkpoint': {
      source: offsets(({ log }) => log.cleanedTo),
      intervalMs: () => 0,
    },
  }
}
