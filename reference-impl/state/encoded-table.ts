import type { Json } from './json.ts'

// The words of the header, in bytes; the records follow. See the drawing at EncodedTable.
const EPOCH = 0
const END = 4
const READS = 8
const WRITES = 12
const HEADER_BYTES = 16
const RECORD_HEADER_BYTES = 8
const DELETED = -1

/** Thrown when the values do not fit into the shared memory that was set aside for them. Nothing was changed. */
export class TableFull extends Error {
  constructor(name: string, neededBytes: number, capacityBytes: number) {
    super(
      `${name}: the values need ${neededBytes} bytes and the shared memory has ${capacityBytes}; ` +
        'delete what is old, or make it with a larger capacityBytes',
    )
    this.name = 'TableFull'
  }
}

interface Position {
  offset: number
  valueBytes: number
}

/**
 * A table of encoded values in shared memory, for all threads that hold its lock. It does no locking of its own: every
 * method must be called under the one lock that guards it.
 *
 *     byte 0    EPOCH    counts how often the records were moved
 *     byte 4    END      where the next record goes, from the start of the records
 *     byte 8    READS    operations so far
 *     byte 12   WRITES
 *     byte 16…  records, in order of writing:  key bytes │ value bytes, or -1 for a deletion │ key │ value (JSON)
 *
 * The records are a log. Each thread keeps an index of where the last value of each key is, and brings it up to date by
 * reading only what was appended since it last looked. When the log is full, what is still valid is moved to its begin
 * and the epoch is raised, upon which all threads index afresh.
 */
export class EncodedTable {
  readonly buffer: SharedArrayBuffer
  readonly #name: string
  readonly #header: DataView
  readonly #records: Buffer
  readonly #index = new Map<string, Position>()
  #epoch = 0
  #indexedUpTo = 0

  constructor(name: string, capacityBytes: number, buffer = new SharedArrayBuffer(HEADER_BYTES + capacityBytes)) {
    this.#name = name
    this.buffer = buffer
    this.#header = new DataView(buffer, 0, HEADER_BYTES)
    this.#records = Buffer.from(buffer, HEADER_BYTES)
  }

  get reads(): number {
    return this.#header.getUint32(READS)
  }

  get writes(): number {
    return this.#header.getUint32(WRITES)
  }

  /** Counts one operation that reads. */
  countRead(): void {
    this.#header.setUint32(READS, this.reads + 1)
  }

  /** Counts one operation that writes. */
  countWrite(): void {
    this.#header.setUint32(WRITES, this.writes + 1)
  }

  /** The value of a key, decoded afresh; undefined when there is none. */
  get(key: string): Json | undefined {
    const position = this.#currentIndex().get(key)
    return position === undefined ? undefined : this.#decode(position)
  }

  has(key: string): boolean {
    return this.#currentIndex().has(key)
  }

  /** The keys in the order in which they were first set. */
  keys(): string[] {
    return [...this.#currentIndex().keys()]
  }

  get size(): number {
    return this.#currentIndex().size
  }

  /** Stores a value, or throws {@link TableFull}. */
  set(key: string, value: Json): void {
    const json = this.#encode(key, value)
    // No string takes more than three bytes a character, so that counting them is seldom necessary.
    const mostBytes = RECORD_HEADER_BYTES + 3 * (key.length + json.length)
    if (this.#fits(mostBytes)) this.#append(key, json)
    else this.setAll([[key, value]])
  }

  /** Stores all of the values, or throws {@link TableFull} and stores none. */
  setAll(values: readonly (readonly [key: string, value: Json])[]): void {
    const encoded = new Map(values.map(([key, value]) => [key, this.#encode(key, value)]))
    const neededBytes = [...encoded].reduce((sum, [key, json]) => sum + recordBytes(key, json), 0)
    if (!this.#fits(neededBytes)) this.#compact(neededBytes, (key) => !encoded.has(key))
    for (const [key, json] of encoded) this.#append(key, json)
  }

  /** Removes a key; false when it is not there. Never for lack of room. */
  delete(key: string): boolean {
    if (!this.has(key)) return false
    if (this.#fits(recordBytes(key, ''))) this.#append(key, null)
    else this.#compact(0, (other) => other !== key)
    return true
  }

  /** Removes everything. */
  clear(): void {
    this.#currentIndex()
    this.#startEpoch(Buffer.alloc(0))
  }

  #encode(key: string, value: Json): string {
    const json = JSON.stringify(value) as string | undefined
    if (json !== undefined) return json
    throw new TypeError(`${this.#name}: expected a JSON value for '${key}', got ${typeof value}`)
  }

  #decode({ offset, valueBytes }: Position): Json {
    return JSON.parse(this.#records.toString('utf8', offset, offset + valueBytes)) as Json
  }

  get #end(): number {
    return this.#header.getUint32(END)
  }

  /** The index, with what other threads have written since. */
  #currentIndex(): ReadonlyMap<string, Position> {
    const epoch = this.#header.getUint32(EPOCH)
    if (epoch !== this.#epoch) {
      this.#index.clear()
      this.#indexedUpTo = 0
      this.#epoch = epoch
    }
    while (this.#indexedUpTo < this.#end) this.#indexRecord()
    return this.#index
  }

  #indexRecord(): void {
    const keyBytes = this.#records.readInt32LE(this.#indexedUpTo)
    const valueBytes = this.#records.readInt32LE(this.#indexedUpTo + 4)
    const keyAt = this.#indexedUpTo + RECORD_HEADER_BYTES
    const key = this.#records.toString('utf8', keyAt, keyAt + keyBytes)
    if (valueBytes === DELETED) this.#index.delete(key)
    else this.#index.set(key, { offset: keyAt + keyBytes, valueBytes })
    this.#indexedUpTo = keyAt + keyBytes + Math.max(0, valueBytes)
  }

  #append(key: string, json: string | null): void {
    const start = this.#end
    const keyAt = start + RECORD_HEADER_BYTES
    const keyBytes = this.#records.write(key, keyAt)
    const valueBytes = json === null ? DELETED : this.#records.write(json, keyAt + keyBytes)
    this.#records.writeInt32LE(keyBytes, start)
    this.#records.writeInt32LE(valueBytes, start + 4)
    this.#header.setUint32(END, keyAt + keyBytes + Math.max(0, valueBytes))
  }

  #fits(neededBytes: number): boolean {
    return this.#end + neededBytes <= this.#records.length
  }

  /** Moves what is valid and to be kept to the begin of the log, if so many bytes can be appended then. */
  #compact(neededBytes: number, keep: (key: string) => boolean): void {
    const valid = [...this.#currentIndex()].filter(([key]) => keep(key))
    const records = Buffer.concat(valid.map(([key, position]) => this.#recordOf(key, position)))
    const [total, capacityBytes] = [records.length + neededBytes, this.#records.length]
    if (total > capacityBytes) throw new TableFull(this.#name, total, capacityBytes)
    this.#startEpoch(records)
  }

  #recordOf(key: string, { offset, valueBytes }: Position): Uint8Array {
    return this.#records.subarray(offset - Buffer.byteLength(key) - RECORD_HEADER_BYTES, offset + valueBytes)
  }

  #startEpoch(records: Buffer): void {
    records.copy(this.#records)
    this.#header.setUint32(END, records.length)
    this.#header.setUint32(EPOCH, this.#epoch + 1)
  }
}

function recordBytes(key: string, json: string): number {
  return RECORD_HEADER_BYTES + Buffer.byteLength(key) + Buffer.byteLength(json)
}
