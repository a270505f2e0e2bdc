/** An element of a parsed document, with the text between its tags. */
export interface XmlElement {
  name: string
  attributes: Record<string, string>
  children: XmlElement[]
  text: string
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Reads the subset of XML 1.0 that JUnit reports are made of. Throws an Error when the document is not well-formed. */
export function parseXml(document: string): XmlElement {
  if (/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(document)) {
    throw new Error('a character that XML 1.0 does not know')
  }
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  const body = document.replace(/^<\?xml [^?]*\?>\s*/, '')
  const token = /<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy
  for (let at = 0; at < body.length; at = token.lastIndex) {
    const match = token.exec(body)
    if (match === null) throw new Error(`not well-formed at: ${body.slice(at, at + 80)}`)
    const [, closes, name, attributes = '', empty, text] = match
    const parent = open.at(-1)!
    if (text !== undefined) parent.text += decoded(text)
    else if (closes) {
      if (open.pop()!.name !== name) throw new Error(`</${name}> closes <${parent.name}>`)
    } else {
      const element = { name: name!, attributes: attributesOf(attributes), children: [], text: '' }
      parent.children.push(element)
      if (!empty) open.push(element)
    }
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error('expected one element that is closed')
  return root.children[0]!
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, decoded(value!)]))
}

function decoded(text: string): string {
  return text.replace(/&([^;]*);?/g, (reference, name: string) => {
    const character = entities[name]
    if (character === undefined || !reference.endsWith(';')) throw new Error(`not a reference: ${reference}`)
    return character
  })
}
