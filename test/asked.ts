/**
 * What the command line of one of the repository's own tools asks for. One that cannot be understood ends the process with what
 * is wrong with it, how it is meant, and exit code 3.
 */
export function asked<T>(parse: () => T, usage: string): T {
  try {
    return parse()
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\nusage: ${usage}\n`)
    process.exit(3)
  }
}
