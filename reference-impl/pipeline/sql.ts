export type SqlValue = string | number | null

/**
 * A statement with its values kept apart from its text, so that each database writes the placeholders its own way
 * (`?` in SQLite, `$1` in PostgreSQL). A statement may stand inside another.
 */
export class Sql {
  readonly #strings: readonly string[]
  readonly #inserts: readonly (SqlValue | Sql)[]

  constructor(strings: readonly string[], inserts: readonly (SqlValue | Sql)[]) {
    this.#strings = strings
    this.#inserts = inserts
  }

  /** The values in the order of their placeholders. */
  get values(): SqlValue[] {
    return this.#inserts.flatMap((insert) => (insert instanceof Sql ? insert.values : [insert]))
  }

  /** The text; `placeholder` gets the position of each value, from 1. */
  text(placeholder: (position: number) => string, before = 0): string {
    let position = before
    return this.#strings.reduce((text, string, index) => {
      const insert = this.#inserts[index - 1]
      if (!(insert instanceof Sql)) return text + placeholder(++position) + string
      const inner = insert.text(placeholder, position)
      position += insert.values.length
      return text + inner + string
    })
  }
}

/** Makes a statement from a template: values become placeholders, statements become part of the text. */
export function sql(strings: TemplateStringsArray, ...inserts: (SqlValue | Sql)[]): Sql {
  return new Sql(strings, inserts)
}

/** Puts statements side by side, with commas in between. */
export function list(parts: readonly Sql[]): Sql {
  return new Sql(['', ...Array<string>(parts.length - 1).fill(', '), ''], parts)
}
