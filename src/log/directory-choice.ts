import type { LogDirectory } from './log-directory.ts'

/** The directory that occurs least among `placed`, the first of equals; undefined without any. */
export function leastUsed(
  directories: Iterable<LogDirectory>,
  placed: readonly LogDirectory[],
): LogDirectory | undefined {
  const counts = new Map(Array.from(directories, (directory) => [directory, 0]))
  for (const directory of placed) {
    const count = counts.get(directory)
    if (count !== undefined) counts.set(directory, count + 1)
  }
  const least = Math.min(...counts.values())
  for (const [directory, count] of counts) if (count === least) return directory
  return undefined
}
