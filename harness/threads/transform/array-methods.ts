/** Whether a method reads elements or writes them, or both, which counts as writing. */
export type Reach = 'read' | 'write'

/** Methods of typed arrays and of `Buffer` that only read. Those that reach no element, such as `subarray`, are not here. */
const reading: ReadonlySet<string> = new Set(
  (
    'at compare copy entries equals every filter find findIndex findLast findLastIndex forEach includes indexOf join ' +
    'lastIndexOf map reduce reduceRight slice some toJSON toLocaleString toReversed toSorted toString values with'
  ).split(' '),
)

const writing: ReadonlySet<string> = new Set('copyWithin fill reverse set sort write'.split(' '))

/** Methods of `DataView`, such as `getInt32`, and of `Buffer`, such as `readInt32LE`, for one number. */
const number = /^(get|read|set|write)(?:Big)?(?:U?[Ii]nt|Float|Double)(8|16|32|64)?(?:[LB]E)?$/

/** What a method that is called by this name may do to the elements of a shared array or view; undefined for all others. */
export function reachOf(name: string): Reach | undefined {
  const [, verb] = number.exec(name) ?? []
  if (reading.has(name) || verb === 'get' || verb === 'read') return 'read'
  return writing.has(name) || verb !== undefined ? 'write' : undefined
}

/**
 * How many bytes a method for one number reaches: 4 for `getInt32` and `readFloatLE`. Null where that is an argument, as in
 * `readIntLE`, and undefined for all other methods.
 */
export function widthOf(name: string): number | null | undefined {
  const found = number.exec(name)
  if (found === null) return undefined
  if (found[2] !== undefined) return Number(found[2]) / 8
  return name.includes('Float') ? 4 : name.includes('Double') ? 8 : null
}
