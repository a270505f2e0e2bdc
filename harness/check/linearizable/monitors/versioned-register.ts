import type { Monitor, MonitorAnswer, Operation } from '../../../model.ts'
import { same } from '../identity.ts'
import { fieldIn, valueIn } from '../models/inputs.ts'
import { conditionIn, versionIn } from '../models/versions.ts'
import { whose } from '../wording.ts'

/**
 * Registers whose answers name versions: the versions are the order, so it only remains to see whether real time agrees.
 *
 * Going through the versions, everything is given the earliest place it can have: a write right after all that was seen
 * of the version before, a read when it begins. A call that has returned before that place has seen the future, or was
 * overtaken by it; the call that pushed the place so far back is the other half of the contradiction.
 */
export const versionedRegisterMonitor: Monitor = {
  name: 'versioned register monitor',
  complexity: 'O(n), the versions are the order',
  judge,
}

/** The calls by the versions that their answers name, as places in the list of operations; -1 for none. */
interface Versions {
  operations: readonly Operation[]
  /** How many writes were answered: the versions are 1 … count, each written once, and the initial one is 0. */
  count: number
  write: Int32Array
  /** The read of each version that returned first, and the one that began last. */
  firstRead: Int32Array
  lastRead: Int32Array
}

function judge(operations: readonly Operation[]): MonitorAnswer {
  const reason = whyUnsuited(operations)
  if (reason !== null) return { verdict: 'unsuited', reason }
  const writes = operations.filter(({ f, known }) => f === 'write' && known)
  const count = writes.length
  const none = () => new Int32Array(count + 1).fill(-1)
  const versions = { operations, count, write: none(), firstRead: none(), lastRead: none() }
  return noteWrites(versions) ?? noteReads(versions) ?? outOfTime(versions) ?? { verdict: 'valid' }
}

function whyUnsuited(operations: readonly Operation[]): string | null {
  for (const { f, known, output } of operations) {
    if (!known) continue
    if (f === 'write' && output === false) return 'a conditional write was refused'
    if (versionIn(output) === undefined) return `an answer of '${f}' names no version`
  }
  return null
}

function noteWrites({ operations, count, write }: Versions): MonitorAnswer | null {
  for (let call = 0; call < operations.length; call++) {
    const operation = operations[call]!
    if (operation.f !== 'write' || !operation.known) continue
    const version = versionIn(operation.output)!
    if (write[version] === undefined || version === 0) return unaccounted(operations, count, operation)
    if (write[version] !== -1) {
      return contradiction(`version ${version} was given out twice`, [operations[write[version]!]!, operation])
    }
    write[version] = call
    const condition = conditionIn(operation.input)
    if (condition !== undefined && condition !== version - 1) {
      return contradiction(`a write of version ${version} succeeded on the condition of version ${condition}`, [
        operation,
      ])
    }
  }
  return null
}

/** An answer names a version that the answered writes cannot have made: a pending one may have, but nothing else. */
function unaccounted(operations: readonly Operation[], count: number, operation: Operation): MonitorAnswer {
  if (operations.some(({ f, known }) => f === 'write' && !known)) {
    return { verdict: 'unsuited', reason: 'a pending write may have made a version that no other answer accounts for' }
  }
  const version = versionIn(operation.output)
  return contradiction(`${count} writes were answered, which cannot have made version ${version}`, [operation], false)
}

function noteReads({ operations, count, write, firstRead, lastRead }: Versions): MonitorAnswer | null {
  for (let call = 0; call < operations.length; call++) {
    const read = operations[call]!
    if (read.f !== 'read' || !read.known) continue
    const version = versionIn(read.output)!
    if (write[version] === undefined) return unaccounted(operations, count, read)
    const writer = version === 0 ? null : operations[write[version]!]!
    if (!same(fieldIn(read.output, 'value'), writer === null ? null : valueIn(writer.input))) {
      const calls = writer === null ? [read] : [writer, read]
      return contradiction(`version ${version} has another value than was read`, calls)
    }
    const first = firstRead[version]!
    if (first === -1 || read.end < operations[first]!.end) firstRead[version] = call
    lastRead[version] = call
  }
  return null
}

function outOfTime({ operations, count, write, firstRead, lastRead }: Versions): MonitorAnswer | null {
  let latest = -1
  for (let version = 0; version <= count; version++) {
    // What returns first is the first to be late; what begins last pushes the following versions back the furthest.
    for (const [first, last] of [
      [write[version]!, write[version]!],
      [firstRead[version]!, lastRead[version]!],
    ] as const) {
      if (first === -1) continue
      if (latest !== -1 && operations[first]!.end < operations[latest]!.start) {
        return wentBack(operations[first]!, operations[latest]!)
      }
      if (latest === -1 || operations[last]!.start > operations[latest]!.start) latest = last
    }
  }
  return null
}

function wentBack(returned: Operation, older: Operation): MonitorAnswer {
  const [one, other] = [versionIn(returned.output), versionIn(older.output)]
  const how =
    one === other ? `version ${one} was seen before it was written` : `version ${one} was there before ${other}`
  return contradiction(`${how}: ${whose(returned)} had returned when ${whose(older)} began`, [returned, older])
}

function contradiction(reason: string, witness: Operation[], alone = true): MonitorAnswer {
  return { verdict: 'invalid', reason, witness, alone }
}
