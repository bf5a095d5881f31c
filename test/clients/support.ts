/** Small things that all whole-broker tests use. */

import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** The project's own directory. */
export const projectDirectory = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/**
 * Asks again until the answer is something (not undefined, not false).
 * @param what names it in the error.
 * @param detail shown with the error.
 * @throws when `limitMs` have passed, and whatever `probe` throws.
 */
export async function waitFor<T>(
  what: string,
  limitMs: number,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  detail: () => string = () => '',
): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const answer = await probe()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline)
      throw new Error(`waited ${limitMs} ms in vain for ${what}\n${detail()}`)
    await delay(10)
  }
}

let names = 0

/** A topic name that no other test uses, also on a broker that keeps topics between runs. */
export function uniqueTopic(purpose: string): string {
  names += 1
  return `${purpose}-${process.pid}-${Date.now().toString(36)}-${names}`
}
