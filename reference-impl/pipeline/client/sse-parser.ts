/** One dispatched event of a server-sent event stream. */
export interface SseMessage {
  /** The last `id:` that the stream sent, which later events without one inherit. */
  id: string
  event: string
  data: string
}

/** What a line ends with. */
const lineEnd = /\r\n|\n|\r/

/** Parses `text/event-stream` piece by piece (WHATWG HTML, section 9.2.6). Comments say nothing and are skipped. */
export class SseParser {
  readonly #onMessage: (message: SseMessage) => void
  #rest = ''
  #started = false
  #id = ''
  #event = ''
  #data: string[] = []

  constructor(onMessage: (message: SseMessage) => void) {
    this.#onMessage = onMessage
  }

  /** Takes the next piece of the stream, which may end anywhere, also between `\r` and `\n`. */
  feed(piece: string): void {
    const text = this.#rest + this.#withoutMark(piece)
    // A `\r` at the end may be half of a `\r\n`: it stays until the next piece tells.
    const held = text.endsWith('\r') ? 1 : 0
    const lines = text.slice(0, text.length - held).split(lineEnd)
    this.#rest = (lines.pop() as string) + text.slice(text.length - held)
    for (const line of lines) this.#line(line)
  }

  /** The byte order mark may open a stream, and is no part of its first line. */
  #withoutMark(piece: string): string {
    if (this.#started || piece === '') return piece
    this.#started = true
    return piece.startsWith('\uFEFF') ? piece.slice(1) : piece
  }

  #line(line: string): void {
    const colon = line.indexOf(':')
    if (line === '') this.#dispatch()
    else if (colon < 0) this.#field(line, '')
    else if (colon > 0) this.#field(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ''))
  }

  #field(field: string, value: string): void {
    if (field === 'data') this.#data.push(value)
    else if (field === 'event') this.#event = value
    else if (field === 'id' && !value.includes('\0')) this.#id = value
  }

  #dispatch(): void {
    const data = this.#data
    const event = this.#event || 'message'
    this.#data = []
    this.#event = ''
    if (data.length > 0) this.#onMessage({ id: this.#id, event, data: data.join('\n') })
  }
}
