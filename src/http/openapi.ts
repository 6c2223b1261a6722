// The API description: OpenAPI 3.1, made from the table of routes and the schemas they check with, so that it
// cannot promise what the server does not do. docs/docs.js shows it to people.

import { z } from 'zod'
import { invariant } from '../core/errors.ts'
import * as answers from './answers.ts'
import { describeBounds } from './bounds.ts'
import { PROBLEMS, type ProblemCode } from './problems.ts'
import { PROGRAM } from './program.ts'
import type { Group, Route } from './route.ts'
import { routesByPath } from './routes/table.ts'
import { namedSchemas, referenceTo } from './schemas.ts'

type Json = Record<string, unknown>

const GROUPS: Readonly<Record<Group, string>> = {
  data: 'Write and read',
  cluster: 'The cluster as a whole',
  replicas: 'Replicas and their faults',
  network: 'Links, and the faults between replicas',
  leadership: 'Who leads, and what changing that costs',
  clock: 'The time machine',
  labs: 'Many labs in one server',
  class: 'A class that follows a lab',
  operations: 'Running the server',
}

export function describeApi(routes: readonly Route[]): Json {
  const shown = routes.filter((route) => !route.hidden)
  const paths: Json = {}
  for (const [path, same] of routesByPath(shown)) {
    paths[path] = Object.fromEntries(
      same.map((route) => [route.method.toLowerCase(), describeRoute(route)]),
    )
  }
  return {
    openapi: '3.1.1',
    info: {
      title: PROGRAM.name,
      version: PROGRAM.version,
      description:
        'A leader, its followers and the time between them. All times are simulated milliseconds. ' +
        'Problems are RFC 9457 bodies, told apart by `code`.',
    },
    // Beside the description itself, which every lab has.
    servers: [{ url: '.' }],
    // Said outright, for a reader of the description cannot tell "open" from "forgotten".
    security: [{}, { token: [] }],
    tags: Object.entries(GROUPS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: namedSchemas(),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'Asked for by servers that others than this machine can reach.',
        },
      },
    },
    'x-problems': PROBLEMS,
    'x-bounds': describeBounds(),
  }
}

function describeRoute(route: Route): Json {
  const parameters = [
    ...pathParameters(route),
    ...queryParameters(route),
    ...headerParameters(route),
  ]
  return {
    operationId: operationId(route),
    tags: [route.group],
    summary: route.summary,
    ...(route.description && { description: route.description }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: requestBody(route.body, route) }),
    responses: responses(route),
    ...(route.example && { 'x-example': route.example }),
  }
}

/** `GET /clock/pause` to `getClockPause`. */
function operationId(route: Route): string {
  const words = route.path.match(/[a-zA-Z]+/g) ?? ['home']
  const capitals = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return route.method.toLowerCase() + capitals.join('')
}

function pathParameters(route: Route): Json[] {
  return [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const known = PATH_PARAMETERS[name]
    invariant(known !== undefined, `the path parameter ${name} of ${route.path} is described`)
    return { name, in: 'path', required: true, ...known }
  })
}

const REPLICA = { type: 'integer', minimum: 0, example: 1 }
const NODE = { anyOf: [REPLICA, { type: 'string', const: 'api' }], example: 0 }
const PATH_PARAMETERS: Readonly<Record<string, { description: string; schema: Json }>> = {
  id: { description: "A replica's number.", schema: REPLICA },
  from: { description: 'A replica\'s number, or "api".', schema: NODE },
  to: { description: 'A replica\'s number, or "api".', schema: NODE },
  lab: {
    description: 'The id of a lab, as GET /labs lists them.',
    schema: { type: 'string', example: 'root' },
  },
  name: {
    description: 'The name of a story, as GET /stories lists them.',
    schema: { type: 'string', example: 'too-early-read' },
  },
}

function queryParameters(route: Route): Json[] {
  if (!route.query) return []
  const schema = jsonSchema(route.query) as {
    properties: Record<string, Json>
    required?: string[]
  }
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    in: 'query',
    required: schema.required?.includes(name) ?? false,
    ...(property.description !== undefined && { description: property.description }),
    schema: property,
  }))
}

function headerParameters(route: Route): Json[] {
  const parameters: Json[] = []
  if (route.client) {
    parameters.push({
      name: 'Client-Id',
      in: 'header',
      description: 'Who issues the operation.',
      schema: { type: 'string', minLength: 1, maxLength: 64, default: 'default' },
    })
  }
  if (route.minimal) {
    parameters.push({
      name: 'Prefer',
      in: 'header',
      description: '`return=minimal` for 204 and no body.',
      schema: { type: 'string', enum: ['return=minimal'] },
    })
  }
  if (route.path === '/events') {
    parameters.push({
      name: 'Last-Event-ID',
      in: 'header',
      description: 'Go on after this event.',
      schema: {
        type: 'string',
        pattern: '^([0-9a-z]{1,12}-)?[0-9]{1,15}$',
        example: 'mbw2xk1c-15',
      },
    })
  }
  return parameters
}

function requestBody(body: z.ZodObject, route: Route): Json {
  return {
    required: !body.safeParse({}).success,
    content: {
      'application/json': {
        schema: jsonSchema(body),
        ...(route.example?.body !== undefined && { example: route.example.body }),
      },
    },
  }
}

function responses(route: Route): Json {
  const all: Json = { [route.status ?? 200]: success(route) }
  if (route.minimal) all['204'] = { description: 'Done, as asked for by `Prefer: return=minimal`.' }
  const problems = problemsOf(route)
  for (const status of new Set(problems.map((code) => PROBLEMS[code].status))) {
    const codes = problems.filter((code) => PROBLEMS[code].status === status)
    all[String(status)] = {
      description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
      content: {
        'application/problem+json': { schema: referenceTo(answers.problem) },
      },
      'x-codes': codes,
    }
  }
  return all
}

function success(route: Route): Json {
  const { answer, answerType = 'text/plain', otherType } = route
  const types = answer
    ? ['application/json']
    : [answerType, ...(otherType === undefined ? [] : [otherType])]
  const content = types.map((type) => {
    const media = type.replace(/;.*/, '')
    const texts: Readonly<Record<string, z.ZodType>> = answers.TEXTS
    const shape = answer ?? texts[media]
    const schema = shape && referenceTo(shape)
    invariant(schema !== undefined, `the answer of ${route.method} ${route.path} has a name`)
    return [media, { schema }] as const
  })
  return { description: 'Done.', content: Object.fromEntries(content) }
}

/** What the route says itself, and what follows from its shape. */
function problemsOf(route: Route): readonly ProblemCode[] {
  return [
    ...new Set<ProblemCode>([
      'invalid-request',
      'foreign-host',
      ...(route.path === '/healthz' || route.path === '/readyz' ? [] : (['unauthorized'] as const)),
      ...(route.effect === 'none' ? [] : (['foreign-origin'] as const)),
      ...(route.follow ? [] : (['read-only'] as const)),
      ...(route.body ? (['payload-too-large', 'unsupported-media-type'] as const) : []),
      ...(route.problems ?? []),
      ...(route.always ? [] : (['shutting-down'] as const)),
      'internal-error',
    ]),
  ]
}

/** `input`: a schema that transforms says here what it takes, not what it makes of it. */
function jsonSchema(schema: z.ZodType): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}
