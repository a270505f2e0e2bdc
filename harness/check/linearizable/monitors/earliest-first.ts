/** A binary heap of numbers that gives back the smallest key first. */
export class EarliestFirst {
  readonly #keys: Int32Array
  readonly #heap: number[] = []

  /** `keys[item]` is the key of an item. */
  constructor(keys: Int32Array) {
    this.#keys = keys
  }

  get size(): number {
    return this.#heap.length
  }

  /** The item with the smallest key; undefined when there is none. */
  get first(): number | undefined {
    return this.#heap[0]
  }

  add(item: number): void {
    const heap = this.#heap
    let place = heap.length
    for (let parent = (place - 1) >> 1; place > 0 && this.#before(item, heap[parent]!); parent = (place - 1) >> 1) {
      heap[place] = heap[parent]!
      place = parent
    }
    heap[place] = item
  }

  /** Takes out the item with the smallest key; undefined when there is none. */
  take(): number | undefined {
    const heap = this.#heap
    const first = heap[0]
    const moved = heap.pop()
    if (moved === undefined || heap.length === 0) return first
    let place = 0
    for (let child = this.#smallerChild(place); child !== -1 && this.#before(heap[child]!, moved); ) {
      heap[place] = heap[child]!
      place = child
      child = this.#smallerChild(place)
    }
    heap[place] = moved
    return first
  }

  #smallerChild(place: number): number {
    const left = 2 * place + 1
    if (left >= this.#heap.length) return -1
    const right = left + 1
    return right < this.#heap.length && this.#before(this.#heap[right]!, this.#heap[left]!) ? right : left
  }

  #before(one: number, other: number): boolean {
    return this.#keys[one]! < this.#keys[other]!
  }
}
