/** Replaces a property, whatever it is. Returns what puts it back. */
export function replace<T extends object>(owner: T, name: keyof T & string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name)
  const enumerable = before?.enumerable ?? true
  Object.defineProperty(owner, name, { value, writable: true, configurable: true, enumerable })
  return () => {
    if (before === undefined) Reflect.deleteProperty(owner, name)
    else Object.defineProperty(owner, name, before)
  }
}
