import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import fc from 'fast-check'
import type { Disk } from './environment.ts'
import { MemoryDisk } from './memory-disk.ts'
import { realDisk } from './real-disk.ts'

/** What every disk promises; `root` is an empty directory of it. */
function diskContract(name: string, disk: Disk, root: string): void {
  let count = 0
  /** An empty directory of the test's own. */
  function fresh(): string {
    const path = join(root, `case-${count++}`)
    disk.makeDirectory(path)
    return path
  }

  describe(`${name}: files`, () => {
    test('a file is made by create only, and kept when it is there', () => {
      const path = join(fresh(), 'a')
      assert.throws(() => disk.open(path, 'read'), { code: 'ENOENT' })
      assert.throws(() => disk.open(path, 'write'), { code: 'ENOENT' })
      const made = disk.open(path, 'create')
      made.writeSync([bytes('kept')], 0)
      made.close()
      const again = disk.open(path, 'create')
      assert.equal(again.sizeBytes(), 4)
      again.close()
      assert.deepEqual(text(disk.readFile(path)), 'kept')
    })

    test('a file cannot be made where its directory is missing', () => {
      assert.throws(() => disk.open(join(fresh(), 'no', 'a'), 'create'), { code: 'ENOENT' })
    })

    test('a file opened to read cannot be written', () => {
      const path = join(fresh(), 'a')
      disk.open(path, 'create').close()
      const file = disk.open(path, 'read')
      assert.throws(() => file.writeSync([bytes('x')], 0), { code: 'EBADF' })
      file.close()
    })

    test('chunks are written one after the other, and holes read as zeros', async () => {
      const file = disk.open(join(fresh(), 'a'), 'create')
      file.writeSync([bytes('ab'), bytes(''), bytes('cde')], 3)
      assert.equal(file.sizeBytes(), 8)
      const into = new Uint8Array(16).fill(7)
      assert.equal(file.readSync(into, 0), 8)
      assert.equal(text(into.subarray(0, 8)), '\0\0\0abcde')
      assert.equal(await file.read(into, 6), 2)
      assert.equal(text(into.subarray(0, 2)), 'de')
      assert.equal(file.readSync(into, 8), 0)
      assert.equal(file.readSync(into, 100), 0)
      file.close()
    })

    test('more chunks than one system call takes are written whole', () => {
      const file = disk.open(join(fresh(), 'a'), 'create')
      const chunks = Array.from({ length: 3_000 }, (_, index) => new Uint8Array(50).fill(index))
      file.writeSync(chunks, 0)
      const into = new Uint8Array(150_000)
      assert.equal(file.readSync(into, 0), 150_000)
      assert.deepEqual(into, new Uint8Array(Buffer.concat(chunks)))
      file.close()
    })

    test('chunks written off the loop are there when it ends, however many', async () => {
      const file = disk.open(join(fresh(), 'a'), 'create')
      const chunks = Array.from({ length: 3_000 }, (_, index) => new Uint8Array(50).fill(index))
      await file.write([bytes('')], 0)
      await file.write(chunks, 3)
      const into = new Uint8Array(150_003)
      assert.equal(file.readSync(into, 0), 150_003)
      assert.deepEqual(into.subarray(3), new Uint8Array(Buffer.concat(chunks)))
      file.close()
      await assert.rejects(file.write([bytes('a')], 0), { code: 'EBADF' })
    })

    test('truncate cuts and extends by zeros, also over what was cut', () => {
      const file = disk.open(join(fresh(), 'a'), 'create')
      file.writeSync([bytes('abcdef')], 0)
      file.truncate(2)
      file.truncate(4)
      const into = new Uint8Array(8)
      assert.equal(file.readSync(into, 0), 4)
      assert.equal(text(into.subarray(0, 4)), 'ab\0\0')
      file.close()
    })

    test('a closed file refuses everything and may be closed again', async () => {
      const file = disk.open(join(fresh(), 'a'), 'create')
      file.close()
      file.close()
      assert.throws(() => file.sizeBytes(), { code: 'EBADF' })
      assert.throws(() => file.writeSync([bytes('a')], 0), { code: 'EBADF' })
      await assert.rejects(file.sync(), { code: 'EBADF' })
    })

    test('a file closed while it is read and synced finishes both', async () => {
      const file = disk.open(join(fresh(), 'a'), 'create')
      file.writeSync([bytes('abc')], 0)
      const into = new Uint8Array(3)
      const both = Promise.all([file.read(into, 0), file.sync()])
      file.close()
      assert.equal((await both)[0], 3)
      assert.equal(text(into), 'abc')
    })

    test('a removed file lives on for those who have it open', () => {
      const path = join(fresh(), 'a')
      const file = disk.open(path, 'create')
      disk.remove(path)
      file.writeSync([bytes('abc')], 0)
      assert.equal(file.sizeBytes(), 3)
      assert.equal(disk.stat(path), undefined)
      file.close()
    })

    test('any sequence of writes and cuts leaves the bytes that an array would hold', () => {
      const step = fc.oneof(
        fc.record({ at: fc.nat(200_000), length: fc.nat(150_000), fill: fc.nat(255) }),
        fc.record({ cut: fc.nat(300_000) }),
      )
      const path = join(fresh(), 'a')
      const property = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const file = disk.open(path, 'create')
        file.truncate(0)
        let model = Buffer.alloc(0)
        for (const step of steps) {
          const size = 'cut' in step ? step.cut : Math.max(model.length, step.at + step.length)
          const next = Buffer.alloc('cut' in step || step.length > 0 ? size : model.length)
          model.copy(next)
          if ('cut' in step) file.truncate(step.cut)
          else {
            if (step.length > 0) next.fill(step.fill, step.at, step.at + step.length)
            file.writeSync([new Uint8Array(step.length).fill(step.fill)], step.at)
          }
          model = next
        }
        const found = Buffer.alloc(file.sizeBytes())
        assert.equal(file.readSync(found, 0), found.length)
        assert.ok(found.equals(model))
        file.close()
      })
      fc.assert(property, { numRuns: 40 })
    })
  })

  describe(`${name}: names`, () => {
    test('directories are made with their parents, listed, and told from files', () => {
      const path = join(fresh(), 'x', 'y')
      disk.makeDirectory(path)
      disk.makeDirectory(path)
      disk.open(join(path, 'f'), 'create').close()
      assert.deepEqual([...disk.list(path)], ['f'])
      assert.equal(disk.stat(path)?.type, 'directory')
      assert.equal(disk.stat(path)?.sizeBytes, 0)
      assert.equal(disk.stat(join(path, 'f'))?.type, 'file')
      assert.equal(disk.stat(join(path, 'g')), undefined)
      assert.equal(disk.stat(join(path, 'f', 'g')), undefined)
      assert.throws(() => disk.list(join(path, 'g')), { code: 'ENOENT' })
      assert.throws(() => disk.list(join(path, 'f')), { code: 'ENOTDIR' })
      assert.throws(() => disk.makeDirectory(join(path, 'f')), { code: 'EEXIST' })
    })

    test('rename moves files and directories and replaces a file', () => {
      const path = fresh()
      disk.replaceFile(join(path, 'a'), bytes('new'))
      disk.replaceFile(join(path, 'b'), bytes('old'))
      disk.rename(join(path, 'a'), join(path, 'b'))
      assert.deepEqual([...disk.list(path)], ['b'])
      assert.equal(text(disk.readFile(join(path, 'b'))), 'new')
      disk.makeDirectory(join(path, 'from'))
      disk.rename(join(path, 'b'), join(path, 'from', 'b'))
      disk.rename(join(path, 'from'), join(path, 'to'))
      assert.equal(text(disk.readFile(join(path, 'to', 'b'))), 'new')
      assert.throws(() => disk.rename(join(path, 'gone'), join(path, 'c')), { code: 'ENOENT' })
    })

    test('a directory that holds something is not replaced', () => {
      const path = fresh()
      disk.makeDirectory(join(path, 'a'))
      disk.makeDirectory(join(path, 'b', 'c'))
      assert.throws(() => disk.rename(join(path, 'a'), join(path, 'b')), { code: 'ENOTEMPTY' })
    })

    test('replaceFile replaces the whole content and leaves nothing beside it', () => {
      const path = fresh()
      disk.replaceFile(join(path, 'a'), bytes('a long first version'))
      disk.replaceFile(join(path, 'a'), bytes('short'))
      assert.equal(text(disk.readFile(join(path, 'a'))), 'short')
      assert.deepEqual([...disk.list(path)], ['a'])
    })

    test('replaceFileOffLoop does the same, unless it is not wanted any more', async () => {
      const path = fresh()
      disk.replaceFile(join(path, 'a'), bytes('a long first version'))
      await disk.replaceFileOffLoop(join(path, 'a'), bytes('short'), () => true)
      assert.equal(text(disk.readFile(join(path, 'a'))), 'short')
      await disk.replaceFileOffLoop(join(path, 'a'), bytes('late'), () => false)
      assert.equal(text(disk.readFile(join(path, 'a'))), 'short')
      assert.deepEqual([...disk.list(path)], ['a'])
      await assert.rejects(
        disk.replaceFileOffLoop(join(path, 'gone', 'a'), bytes('x'), () => true),
        { code: 'ENOENT' },
      )
    })

    test('replaceFile may overtake replaceFileOffLoop', async () => {
      const path = fresh()
      let isNewest = true
      const late = disk.replaceFileOffLoop(join(path, 'a'), bytes('old'), () => isNewest)
      disk.replaceFile(join(path, 'a'), bytes('new'))
      isNewest = false
      await late
      assert.equal(text(disk.readFile(join(path, 'a'))), 'new')
      assert.deepEqual([...disk.list(path)], ['a'])
    })

    test('remove takes files only and is content when there is none', () => {
      const path = fresh()
      disk.remove(join(path, 'none'))
      assert.throws(
        () => disk.remove(path),
        (error: NodeJS.ErrnoException) => ['EISDIR', 'EPERM'].includes(error.code ?? ''),
      )
    })

    test('removeTree takes everything below, and is content when there is nothing', async () => {
      const path = fresh()
      disk.makeDirectory(join(path, 'a', 'b'))
      disk.replaceFile(join(path, 'a', 'b', 'c'), bytes('c'))
      await disk.removeTree(join(path, 'a'))
      await disk.removeTree(join(path, 'a'))
      assert.deepEqual([...disk.list(path)], [])
    })

    test('directories can be synced, missing ones cannot', async () => {
      const path = fresh()
      disk.syncDirectory(path)
      await disk.syncDirectoryOffLoop(path)
      assert.throws(() => disk.syncDirectory(join(path, 'gone')), { code: 'ENOENT' })
      await assert.rejects(disk.syncDirectoryOffLoop(join(path, 'gone')), { code: 'ENOENT' })
    })

    test('space is told in bytes', () => {
      const { totalBytes, usableBytes } = disk.space(root)
      assert.ok(totalBytes > 0 && usableBytes > 0 && usableBytes <= totalBytes)
    })

    test('a lock is held once until it is released', () => {
      const path = join(fresh(), '.lock')
      const lock = disk.lock(path)
      assert.ok(lock)
      assert.equal(disk.lock(path), undefined)
      lock.release()
      lock.release()
      const again = disk.lock(path)
      assert.ok(again)
      again.release()
    })
  })
}

const directory = fs.mkdtempSync(join(tmpdir(), 'moldau-disk-'))
after(() => fs.rmSync(directory, { recursive: true }))
diskContract('real disk', realDisk, directory)

const memory = new MemoryDisk()
memory.makeDirectory('/root')
diskContract('memory disk', memory, '/root')
const crashable = new MemoryDisk({ crashable: true })
crashable.makeDirectory('/root')
diskContract('memory disk that can crash', crashable, '/root')

function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

function text(value: Uint8Array): string {
  return new TextDecoder().decode(value)
}
