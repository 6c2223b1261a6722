// The plainest event queue that keeps the order: a binary heap of objects by time, then by sequence. What any
// simulation must do at the very least, and so the limit for this one.

interface Entry {
  readonly dueUs: number
  readonly sequence: number
  readonly fire: () => void
}

export class BareQueue {
  readonly #heap: Entry[] = []
  #sequence = 0

  push(dueUs: number, fire: () => void): void {
    const heap = this.#heap
    const entry = { dueUs, sequence: this.#sequence++, fire }
    let hole = heap.push(entry) - 1
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (!isBefore(entry, heap[parent] as Entry)) break
      heap[hole] = heap[parent] as Entry
      hole = parent
    }
    heap[hole] = entry
  }

  runTo(nowUs: number): void {
    while (this.#heap.length > 0 && (this.#heap[0] as Entry).dueUs <= nowUs) this.#pop().fire()
  }

  #pop(): Entry {
    const heap = this.#heap
    const top = heap[0] as Entry
    const last = heap.pop() as Entry
    if (heap.length === 0) return top
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry))
        child++
      if (!isBefore(heap[child] as Entry, last)) break
      heap[hole] = heap[child] as Entry
      hole = child
    }
    heap[hole] = last
    return top
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.dueUs < b.dueUs || (a.dueUs === b.dueUs && a.sequence < b.sequence)
}
