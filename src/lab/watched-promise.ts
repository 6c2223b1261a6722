// A promise that knows whether anybody waits for it. One that is rejected while time moves, before the test comes to
// its `await`, must not end the run; one that nobody ever looks at must not go unsaid.

const mark = () => {}

export class WatchedPromise<T> extends Promise<T> {
  #isAwaited = false

  /** What is derived from it is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  get isAwaited(): boolean {
    return this.#isAwaited
  }

  // `await` calls it too, for the class is not Promise itself.
  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isAwaited = true
    return super.then(onFulfilled, onRejected)
  }

  /** Its rejection counts as seen to, though nobody may have looked. */
  handled(): this {
    super.then(mark, mark)
    return this
  }
}
