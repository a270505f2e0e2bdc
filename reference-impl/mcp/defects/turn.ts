/** Where the wrong code waits: everybody else gets a turn meanwhile. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
