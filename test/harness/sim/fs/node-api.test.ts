import '../../../../harness/register.ts'
import { type EventEmitter, once } from 'node:events'
import fs from 'node:fs'
import { open, opendir, readFile, watch, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../both-worlds.ts'
import { sameOnBothDisks, scheduled } from './temporary-folder.ts'

describe('streams of files', () => {
  it('carry what is longer than a chunk from one file to another', async () => {
    const bytes = Buffer.alloc(200_000, 'raceproof ')
    const copy = await sameOnBothDisks(async (folder) => {
      fs.writeFileSync(join(folder, 'from'), bytes)
      await pipeline(fs.createReadStream(join(folder, 'from')), fs.createWriteStream(join(folder, 'to')))
      return fs.readFileSync(join(folder, 'to')).equals(bytes)
    })
    expect(copy).toBe(true)
  })

  it('read a range, append, and start in the middle', async () => {
    await sameOnBothDisks(async (folder) => {
      const file = join(folder, 'f')
      fs.writeFileSync(file, '0123456789')
      const range = await fs.createReadStream(file, { start: 2, end: 5, encoding: 'utf8' }).toArray()
      await pipeline(['ab'], fs.createWriteStream(file, { flags: 'r+', start: 4 }))
      await pipeline(['yz'], fs.createWriteStream(file, { flags: 'a' }))
      return [range, fs.readFileSync(file, 'utf8')]
    })
  })

  it('tell of their opening and closing, and of a file that is not there', async () => {
    await sameOnBothDisks(async (folder) => {
      const log: unknown[] = []
      const missing = fs.createReadStream(join(folder, 'missing'))
      missing.on('error', ({ code }: NodeJS.ErrnoException) => log.push(code))
      await new Promise<void>((resolve) => missing.on('close', () => resolve()))
      const written = fs.createWriteStream(join(folder, 'f'))
      for (const event of ['open', 'ready', 'finish', 'close']) written.on(event, () => log.push(event))
      written.end('text')
      await once(written, 'close')
      return [log, written.bytesWritten]
    })
  })
})

describe('a FileHandle', () => {
  it('reads, writes, measures and closes as the real one does', async () => {
    await sameOnBothDisks(async (folder) => {
      const log: unknown[] = []
      const handle = await open(join(folder, 'f'), 'w+')
      ;(handle as unknown as EventEmitter).on('close', () => log.push('close'))
      log.push(
        (await handle.write('hello')).bytesWritten,
        (await handle.write(Buffer.from('HE'), 0, 2, 0)).bytesWritten,
      )
      await handle.appendFile(' world')
      await handle.sync()
      await handle.datasync()
      await handle.utimes(1, 2)
      log.push((await handle.stat()).size, (await handle.stat()).mtimeMs, await handle.readFile('utf8'))
      log.push((await handle.readv([Buffer.alloc(2)], 1)).buffers)
      await handle.truncate(3)
      const chunks: unknown[] = []
      for await (const chunk of handle.createReadStream({ start: 0, encoding: 'utf8' })) chunks.push(chunk)
      log.push(chunks, handle.fd, await thrownBy(() => handle.stat()))
      return log
    })
  })

  it('reads lines, and closes itself at the end of a block', async () => {
    await sameOnBothDisks(async (folder) => {
      fs.writeFileSync(join(folder, 'f'), 'one\ntwo\r\nthree')
      const handle = await open(join(folder, 'f'))
      const lines: string[] = []
      for await (const line of handle.readLines()) lines.push(line)
      const other = await open(join(folder, 'f'))
      await other[Symbol.asyncDispose]()
      return [lines, other.fd]
    })
  })

  it('gives a web stream of bytes', async () => {
    await sameOnBothDisks(async (folder) => {
      fs.writeFileSync(join(folder, 'f'), 'web')
      const handle = await open(join(folder, 'f'))
      const chunks: Buffer[] = []
      for await (const chunk of handle.readableWebStream({ type: 'bytes' } as never))
        chunks.push(Buffer.from(chunk as Uint8Array))
      await handle.close()
      return Buffer.concat(chunks).toString()
    })
  })
})

describe('whole files', () => {
  it('are read by callbacks whatever their size, and from a descriptor that stays open', async () => {
    await sameOnBothDisks(async (folder) => {
      const readAll = promisify(fs.readFile)
      const [file, empty] = [join(folder, 'f'), join(folder, 'empty')]
      fs.writeFileSync(file, Buffer.alloc(1_200_000, 7))
      fs.writeFileSync(empty, '')
      const fd = fs.openSync(file, 'r')
      const all = [await readAll(file), await readAll(empty, 'utf8'), await readAll(fd)]
      fs.closeSync(fd)
      return all.map(({ length }) => length)
    })
  })

  it('stop being read or written when the caller gives up', async () => {
    await sameOnBothDisks(async (folder) => {
      const file = join(folder, 'f')
      fs.writeFileSync(file, Buffer.alloc(2_000_000))
      const readWith = (signal: AbortSignal) => promisify(fs.readFile)(file, { signal } as never)
      const giveUp = async (run: (signal: AbortSignal) => Promise<unknown>) => {
        const controller = new AbortController()
        const running = thrownBy(() => run(controller.signal))
        controller.abort()
        return running
      }
      return [
        await giveUp((signal) => readFile(file, { signal })),
        await giveUp((signal) => writeFile(file, 'x', { signal })),
        await giveUp(readWith),
      ]
    })
  })

  it('refuse wrong arguments with the errors of Node', async () => {
    await sameOnBothDisks(async (folder) => [
      await thrownBy(() => fs.readFileSync(5.5)),
      await thrownBy(() => fs.readFile('f', 'no encoding' as never, () => {})),
      await thrownBy(() => readFile({} as never)),
      await thrownBy(() => fs.openSync(join(folder, 'f'), 'no flag')),
      await thrownBy(() => fs.statSync('a\0b')),
      await thrownBy(() => fs.closeSync(77_777)),
      await thrownBy(() => fs.opendirSync(join(folder, 'none'))),
      await thrownBy(() => opendir(join(folder, 'none'))),
    ])
  })
})

describe('folders', () => {
  it('are copied, listed and removed with all that is in them', async () => {
    await sameOnBothDisks(async (folder) => {
      const at = (...parts: string[]) => join(folder, ...parts)
      fs.mkdirSync(at('a', 'b', 'c'), { recursive: true })
      fs.writeFileSync(at('a', 'b', 'f'), 'text')
      fs.symlinkSync('b', at('a', 'l'))
      await fs.promises.cp(at('a'), at('copy'), { recursive: true })
      const listed = (await fs.promises.readdir(at('copy'), { recursive: true })).sort()
      await fs.promises.rm(at('a'), { recursive: true })
      fs.rmSync(at('copy', 'b'), { recursive: true })
      return [listed, fs.readdirSync(folder), fs.readdirSync(at('copy'))]
    })
  })

  it('are read entry by entry, also with those below', async () => {
    await sameOnBothDisks(async (folder) => {
      fs.mkdirSync(join(folder, 'a', 'b'), { recursive: true })
      for (const name of ['f', 'g', 'a/h']) fs.writeFileSync(join(folder, name), '')
      const names: string[] = []
      for await (const entry of await opendir(folder, { bufferSize: 2 })) names.push(entry.name)
      for await (const entry of await opendir(folder, { recursive: true })) names.push(`r ${entry.name}`)
      const dir = fs.opendirSync(folder)
      const first = dir.readSync()?.isFile() !== undefined
      dir.closeSync()
      return [names.sort(), first, await thrownBy(() => dir.read())]
    })
  })

  it('keep both names of a file that is renamed to its other name', async () => {
    await sameOnBothDisks((folder) => {
      fs.writeFileSync(join(folder, 'f'), 'text')
      fs.linkSync(join(folder, 'f'), join(folder, 'g'))
      fs.renameSync(join(folder, 'f'), join(folder, 'g'))
      return [fs.readdirSync(folder), fs.statSync(join(folder, 'g')).nlink]
    })
  })

  it('get names that nobody has, when they are temporary', async () => {
    const [one, other] = await scheduled(async () => [fs.mkdtempSync('/tmp/t-'), await fs.promises.mkdtemp('/tmp/t-')])
    expect(one).toMatch(/^\/tmp\/t-\w{6}$/)
    expect(other).not.toBe(one)
  })
})

describe('watchers', () => {
  it('of a folder hear what comes, changes and goes, in order', async () => {
    await sameOnBothDisks(async (folder) => {
      const heard: unknown[] = []
      const watcher = fs.watch(folder, (event, name) => heard.push(`${event} ${name}`))
      const steps = [
        () => fs.writeFileSync(join(folder, 'f'), 'text'),
        () => fs.appendFileSync(join(folder, 'f'), 'more'),
        () => fs.renameSync(join(folder, 'f'), join(folder, 'g')),
        () => fs.chmodSync(join(folder, 'g'), 0o600),
        () => fs.unlinkSync(join(folder, 'g')),
      ]
      for (const step of steps) {
        step()
        await sleep(50)
      }
      watcher.close()
      return heard
    })
  })

  it('of a file hear of its changes and of its end', async () => {
    await sameOnBothDisks(async (folder) => {
      fs.writeFileSync(join(folder, 'f'), '')
      const heard: unknown[] = []
      const watcher = fs.watch(join(folder, 'f'), (event, name) => heard.push(`${event} ${name}`))
      fs.writeFileSync(join(folder, 'f'), 'text')
      await sleep(50)
      watcher.close()
      return heard
    })
  })

  it('are also async iterators, which end with their signal', async () => {
    await sameOnBothDisks(async (folder) => {
      const controller = new AbortController()
      const heard: unknown[] = []
      const watching = (async () => {
        for await (const event of watch(folder, { signal: controller.signal })) heard.push({ ...event })
      })()
      await sleep(20)
      fs.mkdirSync(join(folder, 'a'))
      await sleep(50)
      controller.abort()
      return [heard, await thrownBy(() => watching)]
    })
  })

  it('that look again and again see the file appear and grow', async () => {
    await sameOnBothDisks(async (folder) => {
      const file = join(folder, 'f')
      const heard: unknown[] = []
      fs.watchFile(file, { interval: 20 }, (now, before) => heard.push([now.size, before.size]))
      await sleep(100)
      fs.writeFileSync(file, 'text')
      await sleep(100)
      fs.unwatchFile(file)
      fs.appendFileSync(file, 'more')
      await sleep(100)
      return heard
    })
  })

  it('of what is not there fail at once', async () => {
    await sameOnBothDisks((folder) => thrownBy(() => fs.watch(join(folder, 'none'))))
  })
})
