import '../../../../harness/register.ts'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

const text = 'the same words over and over '.repeat(20_000)

const formats = [
  ['gzip', 'gunzip'],
  ['deflate', 'inflate'],
  ['deflateRaw', 'inflateRaw'],
  ['brotliCompress', 'brotliDecompress'],
  ['gzip', 'unzip'],
] as const

describe.each(formats)('zlib.%s and zlib.%s', (pack, unpack) => {
  it('give what the real ones give, promisified', async () => {
    const packed = await sameInBothWorlds(() => promisify(zlib[pack])(text.slice(0, 50_000)))
    const unpacked = await sameInBothWorlds(async () => String(await promisify(zlib[unpack])(packed)))
    expect(unpacked).toBe(text.slice(0, 50_000))
  })
})

describe('a zlib stream', () => {
  it('passes on more than a chunk at a time, with a slow reader', async () => {
    const lengths = await sameInBothWorlds(async () => {
      const packed = Readable.from([text, text]).pipe(zlib.createGzip({ chunkSize: 64 }))
      let length = 0
      for await (const chunk of packed.pipe(zlib.createGunzip({ chunkSize: 1024 }))) length += chunk.length
      return length
    })
    expect(lengths).toBe(2 * text.length)
  })

  it('flushes, is reset and changes its parameters in mid-stream', async () => {
    await sameInBothWorlds(async () => {
      const stream = zlib.createDeflate({ level: 1 })
      const chunks: Buffer[] = []
      stream.on('data', (chunk) => chunks.push(chunk))
      stream.write('first ')
      await new Promise<void>((resolve) => stream.flush(() => resolve()))
      await new Promise<void>((resolve) => stream.params(9, zlib.constants.Z_DEFAULT_STRATEGY, () => resolve()))
      stream.end('second')
      await once(stream, 'end')
      return [String(zlib.inflateSync(Buffer.concat(chunks))), stream.bytesWritten]
    })
  })

  it('tells of bytes that are no compressed data, by its error and by the callback', async () => {
    const told = await sameInBothWorlds(async () => [
      await thrownBy(() => promisify(zlib.gunzip)(Buffer.from('not compressed'))),
      await thrownBy(() => once(zlib.createInflate().end('not compressed'), 'end')),
      await thrownBy(() => promisify(zlib.gunzip)(zlib.gzipSync(text).subarray(0, 100))),
    ])
    expect(told).toMatchObject([{ code: 'Z_DATA_ERROR' }, { code: 'Z_DATA_ERROR' }, { code: 'Z_BUF_ERROR' }])
  })

  it('does not call back a write that failed', async () => {
    const told = await sameInBothWorlds(async () => {
      const told: unknown[] = []
      const stream = zlib.createGunzip()
      stream.on('error', ({ message }) => told.push(message))
      stream.write('not compressed', (error) => told.push(error ?? 'written'))
      await new Promise((resolve) => stream.on('close', resolve))
      await new Promise((resolve) => setTimeout(resolve, 5))
      return told
    })
    expect(told).toEqual(['incorrect header check'])
  })

  it('survives being destroyed in the middle of a write', async () => {
    const { status, findings } = await simulate(async () => {
      const stream = zlib.createGzip()
      stream.write(text)
      stream.destroy()
      await once(stream, 'close')
      await new Promise((resolve) => setTimeout(resolve, 100))
    })
    expect({ status, findings }).toEqual({ status: 'done', findings: [] })
  })

  it('ends its writes in the order of its own, and of other streams in any', async () => {
    const orders = new Set<string>()
    for (let seed = 0; seed < 30; seed++) {
      const { value } = await simulate(
        async () => {
          const order: string[] = []
          const work = ['a', 'b', 'c'].map((name) => promisify(zlib.gzip)(name).then(() => order.push(name)))
          await Promise.all(work)
          return order.join('')
        },
        { seed },
      )
      orders.add(value as string)
    }
    expect(orders.size).toBe(6)
  })

  it('is the real one outside of schedules, also after one left it working', async () => {
    let stream = zlib.createGzip()
    await simulate(() => {
      stream = zlib.createGzip()
      stream.write(text)
    })
    expect(stream.destroyed).toBe(false)
    expect(zlib.gunzipSync(await promisify(zlib.gzip)('real')).toString()).toBe('real')
  })
})
