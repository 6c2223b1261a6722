// All routes, in the order Express tries them: the most used first.

import type { Route } from '../route.ts'
import { CHAPTER_ROUTES } from './chapters.ts'
import { CLASS_ROUTES } from './class.ts'
import { CLOCK_ROUTES } from './clock.ts'
import { DATA_ROUTES } from './data.ts'
import { EVENT_ROUTES } from './events.ts'
import { HISTORY_ROUTES } from './history.ts'
import { LAB_ROUTES } from './labs.ts'
import { CLUSTER_ROUTES, LEADERSHIP_ROUTES } from './leadership.ts'
import { NETWORK_ROUTES } from './network.ts'
import { OPERATIONS_ROUTES } from './operations.ts'
import { PAGE_ROUTES } from './pages.ts'
import { PREDICTION_ROUTES } from './predictions.ts'
import { REPLICA_ROUTES } from './replicas.ts'
import { SCENARIO_ROUTES } from './scenario.ts'
import { STORY_ROUTES } from './stories.ts'

export const ROUTES: readonly Route[] = [
  ...DATA_ROUTES,
  ...CLUSTER_ROUTES,
  ...CHAPTER_ROUTES,
  ...REPLICA_ROUTES,
  ...NETWORK_ROUTES,
  ...LEADERSHIP_ROUTES,
  ...CLOCK_ROUTES,
  ...EVENT_ROUTES,
  ...SCENARIO_ROUTES,
  ...HISTORY_ROUTES,
  ...STORY_ROUTES,
  ...PREDICTION_ROUTES,
  ...LAB_ROUTES,
  ...CLASS_ROUTES,
  ...OPERATIONS_ROUTES,
  ...PAGE_ROUTES,
]

/** The routes of each path, in the table's order. */
export function routesByPath(routes: readonly Route[]): ReadonlyMap<string, readonly Route[]> {
  const byPath = new Map<string, Route[]>()
  for (const route of routes) {
    const same = byPath.get(route.path)
    if (same) same.push(route)
    else byPath.set(route.path, [route])
  }
  return byPath
}

/** What `Allow` says of a path: what its routes take, and what follows from that. */
export function allowedMethods(routes: readonly Route[]): readonly string[] {
  const methods = routes.map((route) => route.method as string)
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']
}
