const longest = 60

/** A text without what nobody reads: names made up by chance are cut to their beginning, and long ends are left out. */
export function shortened(text: string, most = longest): string {
  const plain = text.replace(/\b([0-9a-f]{4})[0-9a-f]{4}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '$1…')
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain
}

/** A text that was on a wire, as far as it can be shown in a line. */
export function inQuotes(text: string, most = 40): string {
  // A dot stands for bytes that are no text, such as the end of a line.
  return `"${shortened(text.trim().replace(/·+$/, ''), most)}"`
}
