// A call of the API as data: for the page's lessons, which make it, and for problems that advise it.

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number>>
  readonly body?: Readonly<Record<string, unknown>>
  /** For the header `Client-Id`. */
  readonly client?: string
}

/** `GET /follower-read?key=user:1&replica=1`, `POST /failover {"to":2}`. */
export function sayCall({ method, path, query = {}, body }: Call): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${inQuery(String(value))}`)
  const target = pairs.length > 0 ? `${path}?${pairs.join('&')}` : path
  return `${method} ${target}${body ? ` ${JSON.stringify(body)}` : ''}`
}

/** Colons and slashes, common in keys, may stand in a query as they are. */
function inQuery(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':').replaceAll('%2F', '/')
}
