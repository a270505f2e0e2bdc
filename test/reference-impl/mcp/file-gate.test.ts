import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FileGate } from '../../../reference-impl/mcp/file-gate.ts'
import { LockFile } from '../../../reference-impl/mcp/lock-file.ts'
import { ProcessTable } from '../../../reference-impl/mcp/process-table.ts'
import { folder, gate } from './fixture.ts'

function fileGate(): FileGate {
  const processes = new ProcessTable()
  return new FileGate('test', (path) => new LockFile({ path: `${path}.lock`, name: 'test-file', processes }))
}

it('lets tasks through one at a time, in the order in which they came', async () => {
  const path = join(await folder(), 'file')
  const files = fileGate()
  const log: string[] = []
  const pass = (name: string) =>
    files.run(path, async () => {
      log.push(`${name} in`)
      await new Promise((resolve) => setImmediate(resolve))
      log.push(`${name} out`)
    })
  await Promise.all(['a', 'b', 'c'].map(pass))
  expect(log).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
})

it('keeps nobody waiting for another file', async () => {
  const dir = await folder()
  const files = fileGate()
  const { opened, open } = gate()
  const slow = files.run(join(dir, 'slow'), () => opened)
  expect(await files.run(join(dir, 'other'), async () => 'in')).toBe('in')
  open()
  await slow
})

it('lets a section pass again', async () => {
  const path = join(await folder(), 'file')
  const files = fileGate()
  expect(await files.run(path, () => files.run(path, async () => 'in twice'))).toBe('in twice')
})

it('lets the next one through when a section throws', async () => {
  const path = join(await folder(), 'file')
  const files = fileGate()
  const failing = files.run(path, () => Promise.reject(new Error('no luck')))
  const next = files.run(path, async () => 'in')
  await expect(failing).rejects.toThrow('no luck')
  expect(await next).toBe('in')
})

it('excludes another gate of the same files, as another process has one', async () => {
  const path = join(await folder(), 'file')
  let inside = 0
  const enter = async () => {
    expect(++inside).toBe(1)
    await new Promise((resolve) => setImmediate(resolve))
    inside--
  }
  const gates = [fileGate(), fileGate()]
  await Promise.all(Array.from({ length: 20 }, (_, index) => gates[index % 2]!.run(path, enter)))
})
