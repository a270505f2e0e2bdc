import '../../../../harness/register.ts'
import fs from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

/** A call of `fs`: its name without `Sync`, and its arguments, of which paths are relative to the folder. */
type Call = readonly [name: string, ...args: unknown[]]
type Style = 'sync' | 'callback' | 'promise'

const names = ['a', 'b', 'f', 'a/f', 'a/b', 'a/b/f', 'f/x', 'l', 'l/f', 'a/', 'missing/x', '.', 'a/..', 'b/./f']
const path = fc.constantFrom(...names).map((name) => ({ path: name }))
const text = fc.constantFrom('', 'x', 'hello', 'a longer text, more than a word', 'ü€😀')
const flag = fc.constantFrom('r', 'r+', 'w', 'wx', 'w+', 'a', 'ax', 'a+')

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(fc.constant('writeFile'), path, text, fc.record({ flag })),
  fc.tuple(fc.constant('writeFile'), path, text),
  fc.tuple(fc.constant('appendFile'), path, text),
  fc.tuple(fc.constant('readFile'), path, fc.constantFrom('utf8', 'latin1', 'hex', null)),
  fc.tuple(fc.constant('readFile'), path, fc.record({ flag, encoding: fc.constant('utf8') })),
  fc.tuple(fc.constant('mkdir'), path),
  fc.tuple(fc.constant('mkdir'), path, fc.constant({ recursive: true })),
  fc.tuple(fc.constant('rmdir'), path),
  fc.tuple(fc.constant('unlink'), path),
  fc.tuple(fc.constant('rm'), path, fc.record({ recursive: fc.boolean(), force: fc.boolean() })),
  fc.tuple(fc.constant('rename'), path, path),
  fc.tuple(fc.constant('link'), path, path),
  fc.tuple(fc.constant('symlink'), fc.constantFrom('a', 'f', 'nowhere', '../f', 'l'), path),
  fc.tuple(fc.constant('readlink'), path),
  fc.tuple(fc.constant('realpath'), path),
  fc.tuple(fc.constant('copyFile'), path, path, fc.constantFrom(0, fs.constants.COPYFILE_EXCL)),
  fc.tuple(fc.constant('readdir'), path, fc.constantFrom({}, { withFileTypes: true }, { recursive: true })),
  fc.tuple(fc.constant('stat'), path, fc.constantFrom({}, { bigint: true })),
  fc.tuple(fc.constant('lstat'), path),
  fc.tuple(fc.constant('access'), path, fc.constantFrom(0, 1, 2, 4, 6)),
  fc.tuple(fc.constant('truncate'), path, fc.nat(12)),
  fc.tuple(fc.constant('chmod'), path, fc.constantFrom(0o600, 0o755, 0o444)),
  fc.tuple(fc.constant('utimes'), path, fc.constant(1000), fc.constant(2000.5)),
)

/** Runs the calls one after the other; returns their results and errors, and what lies in the folder at the end. */
async function perform(folder: string, calls: readonly (readonly [Style, Call])[]): Promise<unknown> {
  const outcomes: unknown[] = []
  for (const [style, [name, ...args]] of calls) {
    const real = args.map((arg) => (isPath(arg) ? `${folder}/${arg.path}` : arg))
    const outcome = await outcomeOf(() => invoke(style, name, real))
    outcomes.push([style, name, isPathOfFolders(name, args) && isError(outcome) ? 'failed' : outcome])
  }
  return { outcomes, tree: tree(folder) }
}

/**
 * Where a link on the way leads nowhere, Node's asynchronous `mkdir` of a whole path fails with another error than the
 * synchronous one; here both fail with that one.
 */
function isPathOfFolders(name: string, args: readonly unknown[]): boolean {
  return name === 'mkdir' && args.length > 1
}

function isError(outcome: unknown): boolean {
  return typeof outcome === 'object' && outcome !== null && 'syscall' in outcome
}

function invoke(style: Style, name: string, args: unknown[]): unknown {
  if (style === 'sync') return at(fs, `${name}Sync`)(...args)
  if (style === 'promise') return at(fs.promises, name)(...args)
  return new Promise((resolve, reject) => {
    at(fs, name)(...args, (error: Error | null, value: unknown) => (error ? reject(error) : resolve(value)))
  })
}

function at(functions: object, name: string): (...args: unknown[]) => unknown {
  return (functions as Record<string, (...args: unknown[]) => unknown>)[name] as (...args: unknown[]) => unknown
}

function isPath(arg: unknown): arg is { path: string } {
  return typeof arg === 'object' && arg !== null && 'path' in arg
}

async function outcomeOf(run: () => unknown): Promise<unknown> {
  try {
    return plain(await run())
  } catch (thrown) {
    const { name, message, ...rest } = thrown as Error
    return { name: (thrown as Error).name, message: (thrown as Error).message, ...rest }
  }
}

/** What must be the same on any disk: no inode numbers, and only times that were set. */
function plain(value: unknown): unknown {
  if (value instanceof fs.Stats || isBigStats(value)) {
    const stats = value as fs.Stats
    const size = stats.isDirectory() ? null : stats.size
    const links = stats.isDirectory() ? null : stats.nlink
    const mtime = Number(stats.mtimeMs) === 2_000_500 ? stats.mtimeMs : null
    return { mode: stats.mode, size, links, mtime, isFile: stats.isFile(), isLink: stats.isSymbolicLink() }
  }
  if (Array.isArray(value)) return value.map(plain).sort()
  if (value instanceof fs.Dirent) return [value.name, value.isDirectory(), value.isFile(), value.isSymbolicLink()]
  return value
}

function isBigStats(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'mtimeNs' in value
}

function tree(folder: string): unknown[] {
  return fs.readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const at = join(folder, entry.name)
    if (entry.isDirectory()) return [entry.name, tree(at)]
    return [entry.name, entry.isSymbolicLink() ? fs.readlinkSync(at) : fs.readFileSync(at, 'hex')]
  })
}

describe('the simulated disk and the real one', () => {
  it('answer any sequence of calls alike, in results, in errors and in what is left', async () => {
    const style = fc.constantFrom<Style>('sync', 'callback', 'promise')
    const sequences = fc.array(fc.tuple(style, call), { minLength: 1, maxLength: 25 })
    await fc.assert(
      fc.asyncProperty(sequences, fc.nat(1000), async (calls, seed) => {
        await inTemporaryFolder(async (folder) => {
          const simulated = await simulate(() => perform(folder, calls), { seed, trace: false })
          expect({ status: simulated.status, findings: simulated.findings }).toEqual({ status: 'done', findings: [] })
          expect(fs.readdirSync(folder)).toEqual([])
          expect(simulated.value).toEqual(await perform(folder, calls))
        })
      }),
      { numRuns: 150, seed: 20 },
    )
  })

  it('read and write open files alike, at any position, with any flags', async () => {
    const step = fc.oneof(
      fc.tuple(fc.constant('write'), text, fc.option(fc.nat(20))),
      fc.tuple(fc.constant('writev'), fc.array(text, { minLength: 1, maxLength: 3 }), fc.option(fc.nat(20))),
      fc.tuple(fc.constant('read'), fc.integer({ min: 1, max: 12 }), fc.option(fc.nat(20))),
      fc.tuple(fc.constant('truncate'), fc.nat(20), fc.constant(null)),
      fc.tuple(fc.constant('stat'), fc.constant(0), fc.constant(null)),
      fc.tuple(fc.constant('sync'), fc.constant(0), fc.constant(null)),
    )
    await fc.assert(
      fc.asyncProperty(text, flag, fc.array(step, { maxLength: 12 }), async (before, flags, steps) => {
        await inTemporaryFolder(async (folder) => {
          const program = () => useHandle(join(folder, 'f'), before, flags, steps)
          const simulated = await simulate(program, { trace: false })
          expect(simulated.value).toEqual(await program())
        })
      }),
      { numRuns: 100, seed: 21 },
    )
  })
})

type Step = [string, unknown, number | null]

async function useHandle(file: string, before: string, flags: string, steps: readonly Step[]): Promise<unknown> {
  fs.writeFileSync(file, before)
  const outcomes = [await outcomeOf(() => stepsOn(file, flags, steps))]
  outcomes.push(fs.readFileSync(file, 'utf8'))
  fs.unlinkSync(file)
  return outcomes
}

async function stepsOn(file: string, flags: string, steps: readonly Step[]): Promise<unknown> {
  const handle = await fs.promises.open(file, flags)
  const outcomes: unknown[] = []
  for (const step of steps) outcomes.push(await outcomeOf(() => use(handle, step)))
  await handle.close()
  return outcomes
}

async function use(handle: fs.promises.FileHandle, [name, value, position]: Step): Promise<unknown> {
  switch (name) {
    case 'write':
      return (await handle.write(Buffer.from(value as string), 0, undefined, position ?? undefined)).bytesWritten
    case 'writev':
      return (
        await handle.writev(
          (value as string[]).map((part) => Buffer.from(part)),
          position ?? undefined,
        )
      ).bytesWritten
    case 'read': {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(value as number), 0, value as number, position)
      return [bytesRead, buffer.toString('hex')]
    }
    case 'truncate':
      return handle.truncate(value as number)
    case 'sync':
      return handle.sync()
    default:
      return (await handle.stat()).size
  }
}
