import { readFile, stat } from 'node:fs/promises'
import { sections } from './markdown.ts'

/** One document of the set. `id` is its place in the file. */
export interface Document {
  id: number
  title: string
  text: string
}

/** The documents that can be searched: the sections of one Markdown file, which may be edited while the server runs. */
export class DocumentSet {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Names the content of the set; it changes whenever the file does. */
  async revision(): Promise<string> {
    const { mtimeMs, size, ino } = await stat(this.#path)
    return `${mtimeMs}-${size}-${ino}`
  }

  async documents(): Promise<Document[]> {
    const text = await readFile(this.#path, 'utf8')
    return sections(text).map(({ title, body }, id) => ({ id, title, text: body }))
  }
}
