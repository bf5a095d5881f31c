/**
 * The bytes of one file in memory: pages of 64 KB, so that appending never copies what is there and
 * a preallocated file takes no memory. Pages that were never written read as zeros.
 */
export class MemoryFile {
  #pages: (Uint8Array | undefined)[] = []
  #sizeBytes = 0

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Fills `into` from `position` as far as the file reaches. @returns the count of bytes. */
  read(into: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(into.length, this.#sizeBytes - position))
    for (let done = 0; done < count; ) {
      const at = position + done
      const offset = at % PAGE_BYTES
      const length = Math.min(PAGE_BYTES - offset, count - done)
      const page = this.#pages[Math.floor(at / PAGE_BYTES)]
      const known = page === undefined ? 0 : Math.max(0, Math.min(length, page.length - offset))
      if (known > 0) into.set(page!.subarray(offset, offset + known), done)
      if (known < length) into.fill(0, done + known, done + length)
      done += length
    }
    return count
  }

  write(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      const at = position + done
      const offset = at % PAGE_BYTES
      const length = Math.min(PAGE_BYTES - offset, bytes.length - done)
      const page = this.#pageFor(Math.floor(at / PAGE_BYTES), offset + length)
      page.set(bytes.subarray(done, done + length), offset)
      done += length
    }
    this.#sizeBytes = Math.max(this.#sizeBytes, position + bytes.length)
  }

  /** Cuts the file, or makes it longer by zeros. */
  truncate(sizeBytes: number): void {
    if (sizeBytes < this.#sizeBytes) {
      const kept = Math.ceil(sizeBytes / PAGE_BYTES)
      this.#pages.length = Math.min(this.#pages.length, kept)
      const offset = sizeBytes % PAGE_BYTES
      if (offset > 0) this.#pages[kept - 1]?.fill(0, offset)
    }
    this.#sizeBytes = sizeBytes
  }

  copy(): MemoryFile {
    const copy = new MemoryFile()
    copy.#pages = this.#pages.map((page) => page?.slice())
    copy.#sizeBytes = this.#sizeBytes
    return copy
  }

  /** The page at `index`, at least `usedBytes` long. The first one grows in steps, since most files
   *  are small. */
  #pageFor(index: number, usedBytes: number): Uint8Array {
    const page = this.#pages[index]
    if (page !== undefined && page.length >= usedBytes) return page
    let length = index === 0 ? SMALLEST_PAGE_BYTES : PAGE_BYTES
    while (length < usedBytes) length *= 4
    const grown = new Uint8Array(length)
    if (page !== undefined) grown.set(page)
    this.#pages[index] = grown
    return grown
  }
}

const PAGE_BYTES = 65_536
const SMALLEST_PAGE_BYTES = 1_024
