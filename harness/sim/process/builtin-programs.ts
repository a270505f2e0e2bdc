import type { SimCommand } from './command.ts'
import { isNamed } from './command.ts'
import type { Program } from './program.ts'

/** What is there without being registered: the commands that tests reach for. They behave as those of a Linux machine. */
export function builtinProgram(command: SimCommand): Program | undefined {
  const name = Object.keys(builtins).find((builtin) => isNamed(command, builtin))
  if (name === 'cat' && command.argv.length > 1) return undefined
  return name === undefined ? undefined : builtins[name]
}

const builtins: Readonly<Record<string, Program>> = {
  true: (child) => child.exit(0),
  false: (child) => child.exit(1),
  echo: ({ argv, stdout }) => {
    const isBare = argv[1] === '-n'
    stdout.write(argv.slice(isBare ? 2 : 1).join(' ') + (isBare ? '' : '\n'))
  },
  cat: ({ stdin, stdout }) => void stdin.on('data', (bytes) => stdout.write(bytes)),
  sleep: ({ argv }) => {
    const seconds = argv.slice(1).reduce((sum, word) => sum + Number.parseFloat(word), 0)
    setTimeout(() => {}, seconds * 1000)
  },
}
