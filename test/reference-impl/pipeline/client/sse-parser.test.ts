import { describe, expect, it } from 'vitest'
import { type SseMessage, SseParser } from '../../../../reference-impl/pipeline/client/sse-parser.ts'

function parse(...pieces: string[]): SseMessage[] {
  const messages: SseMessage[] = []
  const parser = new SseParser((message) => messages.push(message))
  for (const piece of pieces) parser.feed(piece)
  return messages
}

const stream = 'retry: 1000\n\nid: 7\nevent: log\ndata: {"a":1}\n\n: beat\n\nid: 8\nevent: completed\ndata: {}\n\n'

describe('SseParser', () => {
  it('reads id, event and data, and skips comments and fields that it does not know', () => {
    expect(parse(stream)).toEqual([
      { id: '7', event: 'log', data: '{"a":1}' },
      { id: '8', event: 'completed', data: '{}' },
    ])
  })

  it.each(['\n', '\r\n', '\r'])('gives the same wherever the stream is cut, with lines ending in %j', (end) => {
    const text = `${stream.replaceAll('\n', end)}:${end}`
    const whole = parse(text)
    expect(whole).toHaveLength(2)
    for (let cut = 0; cut <= text.length; cut++) expect(parse(text.slice(0, cut), text.slice(cut))).toEqual(whole)
    expect(parse(...text)).toEqual(whole)
  })

  it('joins several lines of data, and strips one space only', () => {
    expect(parse('data:  a\ndata:b\ndata\n\n')).toEqual([{ id: '', event: 'message', data: ' a\nb\n' }])
  })

  it('keeps the last id for events that bring none, and ignores an id with a null character', () => {
    expect(parse('id: 3\ndata: a\n\ndata: b\n\nid: 4\0\ndata: c\n\n').map(({ id }) => id)).toEqual(['3', '3', '3'])
  })

  it('dispatches nothing for an event without data, and forgets its type', () => {
    expect(parse('event: log\n\ndata: a\n\n')).toEqual([{ id: '', event: 'message', data: 'a' }])
  })

  it('drops a byte order mark at the beginning, and an unfinished event at the end', () => {
    expect(parse('\uFEFFdata: a\n\ndata: b\n')).toEqual([{ id: '', event: 'message', data: 'a' }])
  })
})
