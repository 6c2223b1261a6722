// Long work is written as a generator that yields now and then: whoever has others to answer gives them a turn there,
// and can call it off.

export type Slices<T> = Generator<undefined, T>

/** Without a turn for anybody. */
export function finish<T>(slices: Slices<T>): T {
  for (;;) {
    const { done, value } = slices.next()
    if (done) return value
  }
}
