/** A piece of HTML that is safe to put into a page. Only {@link html} and {@link verbatim} make one. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What a template may hold; text is escaped, and `null` and `false` are nothing. */
export type Content = string | number | Html | null | false | readonly Content[]

/** Fills a template. Every text is escaped, so that nothing which a target wrote can become markup. */
export function html(strings: TemplateStringsArray, ...contents: Content[]): Html {
  const text = strings.map((string, index) => (index === 0 ? string : rendered(contents[index - 1]!) + string))
  return new Html(text.join(''))
}

/** Markup of our own that is no template: a style sheet, a script. */
export function verbatim(text: string): Html {
  return new Html(text)
}

function rendered(content: Content): string {
  if (content === null || content === false) return ''
  if (content instanceof Html) return content.text
  if (typeof content === 'object') return content.map(rendered).join('')
  return escaped(String(content))
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!).replace(/[^\P{Cc}\t\n]/gu, '\uFFFD')
}
