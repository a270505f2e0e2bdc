/** Takes the place of all listeners of the process for an event. Returns what puts them back. */
export function ownListeners(event: string, own: (value: unknown) => void): () => void {
  const others = process.rawListeners(event) as ((...args: unknown[]) => void)[]
  process.removeAllListeners(event)
  process.on(event, own)
  return () => {
    process.removeAllListeners(event)
    for (const other of others) process.on(event, other)
  }
}
