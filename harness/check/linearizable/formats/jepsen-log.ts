import { EdnError, EdnReader } from './edn.ts'
import { JepsenEvents, type JepsenOperation } from './jepsen.ts'
import type { SavedHistory } from './saved-history.ts'

/** `INFO  jepsen.util - 3	:invoke	:cas	[1 2]` */
const operationLine = /^\w+\s+jepsen\.util\s+-\s+(\d+)\s+:(\w+)\s+:(\S+)\s+(.*)$/

/**
 * Reads the log of a Jepsen run, as Porcupine's etcd histories are. Two things differ from a Jepsen history: a `cas`
 * that failed has compared and found another value, which is an answer; and lines that are not of operations are others'
 * messages. A line that begins like an operation's and is not one is where the file breaks off, or damage.
 */
export function readJepsenLog(text: string): SavedHistory {
  const events = new JepsenEvents()
  const { history, lines, problems } = events
  const saved: SavedHistory = { format: 'Jepsen log', history, lines, problems, cutAt: null }
  const all = text.split('\n')
  const last = all.findLastIndex((line) => line.trim() !== '')
  for (let index = 0; index <= last; index++) {
    if (!/jepsen\.util\s+-\s+\d+\s/.test(all[index]!)) {
      if (index === last && !all[index]!.includes('jepsen.')) saved.cutAt = index + 1
      continue
    }
    const operation = parsed(all[index]!)
    if (operation !== null) events.add(refusedCas(operation), index + 1)
    else if (index === last) saved.cutAt = index + 1
    else problems.push({ line: index + 1, text: 'expected an operation: process, :type, :f and value' })
  }
  return saved
}

function refusedCas(operation: JepsenOperation): JepsenOperation {
  const refused = operation.f === 'cas' && operation.type === 'fail'
  return refused ? { ...operation, type: 'ok', refused: true } : operation
}

function parsed(line: string): JepsenOperation | null {
  const [, process, type, f, value] = operationLine.exec(line.trim()) ?? []
  if (process === undefined) return null
  try {
    return { process: Number(process), type: type!, f: f!, value: new EdnReader(value!).read() }
  } catch (thrown) {
    if (thrown instanceof EdnError) return null
    throw thrown
  }
}
