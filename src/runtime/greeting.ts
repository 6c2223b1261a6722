// What a server says once it listens: where it is, what it is, and what to try.

import type { Cluster } from '../core/cluster.ts'
import { isThisMachine, type Listening, urlsOf } from './listening.ts'
import type { Logger } from './logger.ts'

interface Greeting {
  readonly cluster: Cluster
  readonly token: string | null
}

/**
 * @param token what requests must bring; null: nothing
 * @returns the address to recommend
 */
export function sayWhere(
  logger: Logger,
  host: string,
  { port, localhostIsShared }: Listening,
  token: string | null,
): string {
  // By its number, where its name may reach another program.
  const [url, ...others] = localhostIsShared ? [`http://127.0.0.1:${port}`] : urlsOf(host, port)
  const query = token === null ? '' : `/?token=${token}`
  logger.info({ url, host, port }, `Application running at ${url}${query}`)
  for (const other of others) logger.info({ url: other }, `Also at ${other}${query}`)
  if (localhostIsShared) {
    const way = `call this one as ${url}, or choose another port with --port`
    logger.warn({ port }, `Port ${port} of [::1] is another program's, and so is localhost: ${way}`)
  }
  if (!isThisMachine(host) && token === null) {
    logger.warn({ host }, 'It asks for no token: whoever reaches this machine may use it')
  }
  return url
}

export function sayWhat(logger: Logger, { cluster, token }: Greeting, url: string): void {
  const { followers, seed, clock, bytesMax } = cluster.options
  const { leader } = cluster.view()
  const crowd = followers === 1 ? '1 follower' : `${followers} followers`
  const pace = clock.mode === 'real' ? `real at rate ${clock.rate}` : clock.mode
  const facts = { seed, leader, followers, clock }
  logger.info(facts, `Replica ${leader} leads ${crowd}, clock ${pace}, seed ${seed}`)
  logger.info(
    { bytesMax },
    `Keys and values may take ${Math.floor(bytesMax / 2 ** 20)} MiB (--max-bytes)`,
  )
  const body = '{"key":"user:1","value":"Jessica"}'
  const bearer = token === null ? '' : ` -H 'Authorization: Bearer ${token}'`
  logger.info(`Try: curl ${url}/write${bearer} -H 'Content-Type: application/json' -d '${body}'`)
  logger.info({ page: `${url}/` }, `Watch: ${url}/`)
  logger.info({ docs: `${url}/docs` }, `All routes: ${url}/docs`)
}
