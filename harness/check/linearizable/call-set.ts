/** A set of calls as bits, with the words before `firstOpenWord` known to be full. */
export class CallSet {
  readonly words: Int32Array
  /** All words before this one are full. */
  firstOpenWord = 0

  constructor(size: number) {
    // One word more than needed stays empty, so that the search for the first open word always ends.
    this.words = new Int32Array((size >>> 5) + 1)
  }

  add(call: number): void {
    this.words[call >>> 5]! |= 1 << (call & 31)
    while (this.words[this.firstOpenWord] === -1) this.firstOpenWord++
  }

  remove(call: number): void {
    const word = call >>> 5
    this.words[word]! &= ~(1 << (call & 31))
    if (word < this.firstOpenWord) this.firstOpenWord = word
  }
}
