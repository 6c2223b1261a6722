// Writes down what a client of some other store does, so that a test against a real database can be judged as well.

import type { HistoryRecording } from '../analysis/history/recording.ts'

/** Any client that reads and writes keys; what else it has is handed on as it is. */
export interface KeyValueClient {
  get(key: string, ...more: never[]): PromiseLike<unknown>
  set(key: string, value: string, ...more: never[]): PromiseLike<unknown>
}

/**
 * The same client, whose calls are noted. A `get` that resolves to null or undefined found nothing; one that rejects
 * tells nothing. A `set` that rejects may have happened all the same.
 */
export function recorded<T extends KeyValueClient>(
  client: T,
  {
    name,
    history,
    nowMs,
  }: {
    readonly name: string
    readonly history: HistoryRecording
    readonly nowMs: () => number
  },
): T {
  const begin = (kind: 'read' | 'write', key: unknown, value: string | null) =>
    history.begin({ client: name, kind, key: String(key), value }, nowMs())
  const get = async (key: unknown, ...more: unknown[]) => {
    const end = begin('read', key, null)
    try {
      const found = await Reflect.apply(client.get, client, [key, ...more])
      end({ outcome: 'ok', value: textOf(found) }, nowMs())
      return found
    } catch (error) {
      end({ outcome: 'failed' }, nowMs())
      throw error
    }
  }
  const set = async (key: unknown, value: unknown, ...more: unknown[]) => {
    const end = begin('write', key, textOf(value))
    try {
      const done = await Reflect.apply(client.set, client, [key, value, ...more])
      end({ outcome: 'ok' }, nowMs())
      return done
    } catch (error) {
      end({ outcome: 'unknown' }, nowMs())
      throw error
    }
  }
  return new Proxy(client, {
    get(target, name) {
      if (name === 'get') return get
      if (name === 'set') return set
      const other: unknown = Reflect.get(target, name)
      // Its own fields may be private, which a proxy has none of.
      return typeof other === 'function' ? other.bind(target) : other
    },
  })
}

/** Values are compared as text: what a store gives back need not be what it was given. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
