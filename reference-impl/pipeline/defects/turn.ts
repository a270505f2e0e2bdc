/** Where the wrong code waits for a send: the rest of the server gets its turn meanwhile. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
