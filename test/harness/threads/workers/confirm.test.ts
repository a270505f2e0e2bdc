import { describe, expect, it } from 'vitest'
import {
  type ExploreThreadsOptions,
  exploreThreads,
  ThreadFailure,
} from '../../../../harness/threads/explore-threads.ts'
import type { ThreadProgram } from '../../../../harness/threads/thread-program.ts'

const module = new URL('../../../fixtures/threads/agreeing.ts', import.meta.url)
const thread = (run: string) => ({ module, run })

const setup = () => ({ words: new Int32Array(new SharedArrayBuffer(16)) })
type Shared = ReturnType<typeof setup>

async function messageOf(
  program: Pick<ThreadProgram<Shared>, 'threads' | 'final'>,
  options: ExploreThreadsOptions = { strategy: 'exhaustive' },
): Promise<string> {
  const failure = await exploreThreads({ setup, ...program }, options).catch((thrown: unknown) => thrown)
  if (failure instanceof ThreadFailure) return failure.message
  throw failure
}

const lost = (shared: Shared) => expect(shared.words[0]).toBe(2)

describe('a failure of threads that are modules', () => {
  it('is confirmed on real workers', async () => {
    const message = await messageOf({ threads: [thread('increment'), thread('increment')], final: lost })
    expect(message).toContain('\nconfirmed on real workers: 2 workers took the same 4 steps to the same end\n')
  })

  it('is confirmed when it is thrown by a thread', async () => {
    const message = await messageOf({ threads: [thread('complain'), thread('complain')] })
    expect(message).toContain('TypeError: the second one complains')
    expect(message).toContain('confirmed on real workers')
  })

  it('is confirmed when the workers block for ever, which are ended', async () => {
    const message = await messageOf({ threads: [thread('sleep'), thread('wake')] })
    expect(message).toContain('lost wake-up')
    expect(message).toContain('confirmed on real workers: 2 workers took the same 3 steps')
  })

  it('is confirmed when it only shows in what the locks say of themselves', async () => {
    const message = await messageOf({ threads: [thread('nestForth'), thread('nestBack')] })
    expect(message).toContain('lock-order: locks are taken in opposite orders')
    expect(message).toContain('confirmed on real workers: 2 workers took the same 4 steps')
  })

  it('says where real workers did otherwise', async () => {
    const message = await messageOf({ threads: [thread('otherwise'), thread('increment')] })
    expect(message).toMatch(/not confirmed on real workers: they went another way, step 1 was store of thread 0/)
  })

  it('is left alone when nobody wants it', async () => {
    const message = await messageOf({ threads: [thread('complain'), thread('complain')] }, { confirm: false })
    expect(message).not.toContain('real workers')
  })

  it('cannot be confirmed when a thread is a function', async () => {
    const increment = ({ words }: Shared) => void Atomics.store(words, 0, Atomics.load(words, 0) + 1)
    const message = await messageOf({ threads: [thread('increment'), increment], final: lost }, { confirm: true })
    expect(message).toContain('not confirmed on real workers: threads given as functions cannot be sent to workers')
  })
})
