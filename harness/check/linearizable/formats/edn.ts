/** EDN, Clojure's notation, as far as histories use it. Keywords and symbols become strings without the colon. */
export type Edn = string | number | boolean | null | Edn[] | { [key: string]: Edn } | Tagged

/** A tagged value, such as `#jepsen.independent/tuple [k v]`. */
export class Tagged {
  readonly tag: string
  readonly value: Edn

  constructor(tag: string, value: Edn) {
    this.tag = tag
    this.value = value
  }
}

/** Thrown by the reader; `at` is the place in the text. `ended` tells that the text ended too early. */
export class EdnError extends Error {
  readonly at: number
  readonly ended: boolean

  constructor(message: string, at: number, ended = false) {
    super(message)
    this.at = at
    this.ended = ended
  }
}

const blank = /[\s,]/
const closing: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}', '#{': '}' }
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

/** Reads one value after the other. */
export class EdnReader {
  readonly #text: string
  #at: number

  constructor(text: string, at = 0) {
    this.#text = text
    this.#at = at
  }

  /** Where the next value begins, or null at the end. */
  next(): number | null {
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]!
      if (character === ';') this.#at = this.#lineEnd()
      else if (!blank.test(character)) return this.#at
    }
    return null
  }

  read(): Edn {
    const at = this.next()
    if (at === null) throw new EdnError('the text ends where a value should be', this.#at, true)
    const character = this.#text[at]!
    if (character === '"') return this.#string()
    if (character === '[' || character === '(') return this.#sequence(character)
    if (character === '{') return this.#map()
    if (character === '#') return this.#dispatched()
    return this.#atom()
  }

  /** Steps over a character that opens a sequence, whose values are then read one by one. */
  skip(count: number): void {
    this.#at += count
  }

  #dispatched(): Edn {
    if (this.#text[this.#at + 1] === '{') return this.#sequence('#{')
    this.#at++
    const tag = this.#token()
    return new Tagged(tag, this.read())
  }

  #sequence(open: string): Edn[] {
    this.#at += open.length
    const values: Edn[] = []
    while (!this.#closes(closing[open]!)) values.push(this.read())
    return values
  }

  #map(): { [key: string]: Edn } {
    const values = this.#sequence('{')
    const entries: [string, Edn][] = []
    for (let place = 0; place + 1 < values.length; place += 2) entries.push([String(values[place]), values[place + 1]!])
    return Object.fromEntries(entries)
  }

  #closes(close: string): boolean {
    const at = this.next()
    if (at === null) throw new EdnError(`the text ends before '${close}'`, this.#at, true)
    if (this.#text[at] !== close) return false
    this.#at++
    return true
  }

  #string(): string {
    let value = ''
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const character = this.#text[at]!
      if (character === '"') {
        this.#at = at + 1
        return value
      }
      value += character === '\\' ? (escapes[this.#text[++at]!] ?? this.#text[at]!) : character
    }
    throw new EdnError('the text ends inside a string', this.#text.length, true)
  }

  #atom(): Edn {
    const at = this.#at
    const token = this.#token()
    if (token === '') throw new EdnError(`'${this.#text[at]}' is not the begin of a value`, at)
    if (token === 'nil') return null
    if (token === 'true' || token === 'false') return token === 'true'
    if (/^[+-]?\d/.test(token)) return Number(token.replace(/[NM]$/, ''))
    return token.startsWith(':') ? token.slice(1) : token
  }

  #token(): string {
    const from = this.#at
    while (this.#at < this.#text.length && !/[\s,;"()[\]{}]/.test(this.#text[this.#at]!)) this.#at++
    return this.#text.slice(from, this.#at)
  }

  #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#at)
    return end === -1 ? this.#text.length : end
  }
}
