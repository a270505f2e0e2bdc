import { basename } from 'node:path'

/** What was asked to be run, as programs are matched against it. */
export interface SimCommand {
  /** The command as one line: that given to the shell, or the words joined by blanks. */
  readonly line: string
  /** The words of the command. What runs under the same node as the test begins with its script. */
  readonly argv: readonly string[]
  /** Whether a shell was asked to run it. */
  readonly isShell: boolean
}

/** Options of node that take the next argument as their value, ahead of the script. */
const valued = new Set(['-r', '--require', '--import', '--loader', '--experimental-loader', '-C', '--conditions'])

/** What a shell would do more with than to split it into words. */
const shellSyntax = /[|&;<>()$`\\*?[\]#~%\n]/

/** Reads what was given to `spawn`. */
export function commandOf(file: string, args: readonly string[]): SimCommand {
  if (/^(sh|bash|dash)$/.test(basename(file)) && args[1] === '-c' && args[2] !== undefined) {
    return { line: args[2], argv: wordsOf(args[2]), isShell: true }
  }
  const words = [file, ...args.slice(1)]
  const argv = isNode(file) ? scriptOf(words) : words
  return { line: argv.join(' '), argv, isShell: false }
}

/** The name that a program is registered under: the base name of the command, with or without its extension. */
export function isNamed(command: SimCommand, name: string): boolean {
  const base = baseName(command)
  return base === name || base.replace(/\.[^.]+$/, '') === name
}

/** The command without the folder that it lies in, which differs between machines. */
export function inShort({ argv: [first, ...args], line }: SimCommand): string {
  return first === undefined ? line : [basename(first), ...args].join(' ')
}

function baseName({ argv }: SimCommand): string {
  return basename(argv[0] ?? '')
}

function isNode(file: string): boolean {
  return file === process.execPath || basename(file) === 'node'
}

function scriptOf(argv: readonly string[]): readonly string[] {
  let place = 1
  while (argv[place]?.startsWith('-')) place += valued.has(argv[place] as string) ? 2 : 1
  return place < argv.length ? argv.slice(place) : argv
}

/** The words of a plain command; none when the shell would have more to do than to split it. */
function wordsOf(line: string): readonly string[] {
  const quoted = /"([^"$`\\]*)"|'([^']*)'|([^\s"']+)/g
  const bare = line.replace(/"[^"$`\\]*"|'[^']*'/g, '')
  if (shellSyntax.test(bare)) return []
  const words = [...line.matchAll(quoted)].map(([, double, single, plain]) => double ?? single ?? plain ?? '')
  const first = words[0] ?? ''
  return isNode(first) ? scriptOf(words) : words
}
