import { describe, expect, it } from 'vitest'
import { Hearing } from '../../../../reference-impl/pipeline/client/hearing.ts'

function hear() {
  const heard: string[] = []
  const hearing = new Hearing({
    event: ({ id, type }) => heard.push(`${id} ${type}`),
    gap: (from, to) => heard.push(`gap ${from}-${to}`),
  })
  return { hearing, heard }
}

const event = (id: number, type: string) => ({ id, type, data: {} })

describe('Hearing', () => {
  it('tells events from word about the connection, which may carry the id of the event before', async () => {
    const { hearing, heard } = hear()
    hearing.receive(event(1, 'log'))
    hearing.receive({ id: 1, type: 'gap', data: { from: 2, to: 4 } })
    hearing.receive({ id: 1, type: 'disconnected', data: { reason: 'slow-reader' } })
    hearing.ended('the response ended')
    expect(heard).toEqual(['1 log', 'gap 2-4'])
    expect(await hearing.closing).toEqual({ reason: 'disconnected', detail: 'slow-reader' })
  })

  it('is lost when it ends without a word', async () => {
    const { hearing } = hear()
    hearing.receive(event(1, 'log'))
    hearing.ended('reset')
    expect(await hearing.closing).toEqual({ reason: 'lost', detail: 'reset' })
  })

  it.each(['completed', 'failed', 'deleted'])('is complete after %s, however the connection ends', async (type) => {
    const ends = [(hearing: Hearing) => hearing.ended('reset'), (hearing: Hearing) => hearing.left()]
    for (const end of ends) {
      const { hearing } = hear()
      hearing.receive(event(1, type))
      end(hearing)
      expect(await hearing.closing).toEqual({ reason: 'complete', detail: type })
    }
  })

  it('hands over what comes between the terminal event and the end, for the server must not send it', () => {
    const { hearing, heard } = hear()
    hearing.receive(event(1, 'completed'))
    hearing.receive(event(2, 'deleted'))
    expect(heard).toEqual(['1 completed', '2 deleted'])
  })

  it('hands nothing over after the caller left, and remembers the first end only', async () => {
    const { hearing, heard } = hear()
    hearing.left()
    hearing.receive(event(1, 'log'))
    hearing.ended('reset')
    expect(heard).toEqual([])
    expect((await hearing.closing).reason).toBe('closed')
  })
})
