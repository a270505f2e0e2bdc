/** A map that makes what is missing, so that single-pass checks can keep a state for each key they meet. */
export class DefaultMap<Key, Value> extends Map<Key, Value> {
  readonly #make: (key: Key) => Value

  constructor(make: (key: Key) => Value) {
    super()
    this.#make = make
  }

  /** The value of the key, made now if there was none. */
  of(key: Key): Value {
    let value = this.get(key)
    if (value === undefined) {
      value = this.#make(key)
      this.set(key, value)
    }
    return value
  }
}
