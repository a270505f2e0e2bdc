/** Counts what must end before a shutdown may go on. */
export class OpenCalls {
  #open = 0
  #waiting: (() => void)[] = []

  begin(): void {
    this.#open++
  }

  end(): void {
    this.#open--
    if (this.#open > 0) return
    for (const resume of this.#waiting.splice(0)) resume()
  }

  /** Resolves when nothing is open, or after that many milliseconds; tells whether nothing is. */
  async settled(withinMs: number): Promise<boolean> {
    if (this.#open === 0) return true
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve)
      timer = setTimeout(resolve, withinMs)
    })
    clearTimeout(timer)
    return this.#open === 0
  }
}
