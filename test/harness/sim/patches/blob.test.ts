import '../../../../harness/register.ts'
import { expect, it } from 'vitest'
import { sameInBothWorlds } from '../both-worlds.ts'

it('a blob is streamed, sliced and read, as the real one is', async () => {
  const read = await sameInBothWorlds(async () => {
    const blob = new Blob(['some text ', new Uint8Array(100_000).fill(65), new Blob(['the end'])])
    let text = ''
    for await (const chunk of blob.stream()) text += Buffer.from(chunk).toString()
    return [
      text === (await blob.text()),
      text.length,
      await blob.slice(0, 4).text(),
      (await new Response(blob).text()) === text,
    ]
  })
  expect(read).toEqual([true, 100_017, 'some', true])
})

it('an empty blob ends at once, and a reader of bytes gets what it has room for', async () => {
  const read = await sameInBothWorlds(async () => {
    const empty = await new Blob([]).stream().getReader().read()
    const reader = new Blob(['abcdef']).stream().getReader({ mode: 'byob' })
    const first = await reader.read(new Uint8Array(4))
    const second = await reader.read(new Uint8Array(4))
    const last = await reader.read(new Uint8Array(4))
    return [empty.done, String(Buffer.from(first.value as Uint8Array)), second.value?.length, last.done]
  })
  expect(read).toEqual([true, 'abcd', 2, true])
})

it('a form with a file is a body of fetch', async () => {
  const text = await sameInBothWorlds(async () => {
    const form = new FormData()
    form.set('file', new Blob(['inside the file']), 'name.txt')
    const { headers, body } = new Response(form)
    const sent = await new Response(body, { headers }).formData()
    return (sent.get('file') as File).text()
  })
  expect(text).toBe('inside the file')
})
