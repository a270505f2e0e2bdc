/** One `## Title` of a Markdown text, with what stands below it. */
export interface Section {
  title: string
  body: string
}

/** The second-level sections of a Markdown text, in order. What stands before the first one is left out. */
export function sections(text: string): Section[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...lines] = part.split('\n')
      return { title: title.trim(), body: lines.join('\n').trim() }
    })
}
