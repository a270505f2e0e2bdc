/** What a method of a typed array or a `DataView` does to the elements. */
export type Reach = 'reads' | 'writes' | 'both'

/** Methods of typed arrays that reach elements. Those that are not here, such as `subarray`, reach none. */
const arrayMethods: Readonly<Record<string, Reach>> = {
  ...reaching(
    'reads',
    'at entries every filter find findIndex findLast findLastIndex forEach includes indexOf join keys lastIndexOf map',
  ),
  ...reaching('reads', 'reduce reduceRight slice some toLocaleString toReversed toSorted toString values with'),
  ...reaching('writes', 'fill set'),
  ...reaching('both', 'copyWithin reverse sort'),
}

const viewTypes = 'Int8 Uint8 Int16 Uint16 Int32 Uint32 BigInt64 BigUint64 Float16 Float32 Float64'.split(' ')

const viewMethods: Readonly<Record<string, Reach>> = {
  ...reaching('reads', viewTypes.map((type) => `get${type}`).join(' ')),
  ...reaching('writes', viewTypes.map((type) => `set${type}`).join(' ')),
}

/** What a method that is called by this name may do to the elements of a shared array or view; undefined for all others. */
export function reachOf(name: string): Reach | undefined {
  return own(arrayMethods, name) ?? own(viewMethods, name)
}

/** How many bytes a method of `DataView` reaches, such as 4 for `getInt32`; undefined for all others. */
export function widthOf(name: string): number | undefined {
  return own(viewMethods, name) === undefined ? undefined : Number(/\d+$/.exec(name)![0]) / 8
}

function reaching(reach: Reach, names: string): Record<string, Reach> {
  return Object.fromEntries(names.split(' ').map((name) => [name, reach]))
}

function own(table: Readonly<Record<string, Reach>>, name: string): Reach | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
