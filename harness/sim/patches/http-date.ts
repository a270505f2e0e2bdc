import { active } from '../active.ts'
import { nodeHttp } from '../node-internals.ts'

interface MessageInside {
  sendDate: boolean
  _header: string | null
}

const field = '\r\nDate: '

type StoreHeader = (this: MessageInside, firstLine: string, headers: unknown) => void

/**
 * The `Date` header that http writes by itself. Node caches the text with a clock and a timer that cannot be replaced,
 * so the finished header is corrected. A date that the program set is the program's.
 */
export function patchHttpDate(): void {
  const prototype = nodeHttp().OutgoingMessage.prototype as unknown as { _storeHeader: StoreHeader }
  const { _storeHeader } = prototype
  prototype._storeHeader = function (firstLine, headers) {
    _storeHeader.call(this, firstLine, headers)
    if (active.current === undefined || !this.sendDate || this._header === null || names(headers, 'date')) return
    this._header = withDate(this._header, new Date().toUTCString())
  }
}

function withDate(header: string, date: string): string {
  const start = header.indexOf(field)
  if (start < 0) return header
  return header.slice(0, start + field.length) + date + header.slice(header.indexOf('\r\n', start + field.length))
}

/** Whether the headers, in any of the forms that `writeHead` takes, name one. */
function names(headers: unknown, name: string): boolean {
  return namesOf(headers).some((key) => String(key).toLowerCase() === name)
}

function namesOf(headers: unknown): unknown[] {
  if (!Array.isArray(headers)) return Object.keys(headers ?? {})
  return Array.isArray(headers[0]) ? headers.map(([key]) => key) : headers.filter((_, place) => place % 2 === 0)
}
