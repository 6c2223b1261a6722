// Shows /openapi.json to people, that of the lab this page is of. All text goes in as text, never as markup.

/** What stands before every route: nothing, or the path of a lab. */
const base = location.origin + location.pathname.replace(/\/docs$/, '')

const description = await (await fetch('openapi.json')).json()

/** Makes an element: its attributes, then its children. Strings become text. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children.filter((child) => child !== undefined && child !== ''))
  return element
}

/** Text with `code` between backticks. */
function prose(text) {
  return text.split('`').map((part, i) => (i % 2 === 1 ? make('code', {}, part) : part))
}

function routesOf({ paths }) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, route]) => ({ path, method, ...route })),
  )
}

function methodOf(route) {
  return make('span', { class: `method ${route.method}` }, route.method.toUpperCase())
}

/** For a POSIX shell: a single quote cannot be escaped inside single quotes, only outside of them. */
function shellQuote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function curlOf({ method, 'x-example': example }) {
  if (!example) return undefined
  const words = ['curl']
  if (example.path.startsWith('/events')) words.push('-N')
  if (method !== 'get') words.push('-X', method.toUpperCase())
  words.push(shellQuote(base + example.path))
  if (example.body !== undefined) {
    words.push(
      "-H 'Content-Type: application/json'",
      '-d',
      shellQuote(JSON.stringify(example.body)),
    )
  }
  return words.join(' ')
}

function exampleOf(command) {
  const button = make('button', { type: 'button' }, 'Copy')
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(command)
    button.textContent = 'Copied'
  })
  // Only where the browser trusts the page (localhost or TLS) may it write to the clipboard.
  const copy = navigator.clipboard ? button : undefined
  return make('div', { class: 'example' }, make('pre', {}, command), copy)
}

function typeOf(schema = {}) {
  if (schema.$ref) return typeOf(description.components.schemas[schema.$ref.split('/').at(-1)])
  if (schema.enum) return schema.enum.join(' | ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.map(typeOf).join(' | ')
  if (schema.type === 'array') return `array of ${typeOf(schema.items)}`
  if (schema.type === 'object') {
    return `{${Object.entries(schema.properties ?? {})
      .map(([name, one]) => `${name}: ${typeOf(one)}`)
      .join(', ')}}`
  }
  return schema.type ?? 'any'
}

function boundsOf(schema = {}) {
  const { minimum, maximum } = schema
  if (minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) {
    return `${minimum} to ${maximum}`
  }
  return ''
}

function fieldsOf(route) {
  const body = route.requestBody?.content['application/json'].schema
  const inBody = Object.entries(body?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'body',
    required: body.required?.includes(name) ?? false,
    schema,
    description: schema.description,
  }))
  return [...(route.parameters ?? []), ...inBody]
}

function fieldTable(route) {
  const fields = fieldsOf(route)
  if (fields.length === 0) return undefined
  const rows = fields.map((field) => {
    const notes = [field.description, boundsOf(field.schema)].filter(Boolean).join(' ')
    return make(
      'tr',
      {},
      make('td', {}, make('code', {}, field.name), field.required ? ' (required)' : ''),
      make('td', {}, field.in),
      make('td', {}, typeOf(field.schema)),
      make('td', {}, ...prose(notes)),
    )
  })
  return make(
    'div',
    { class: 'scroll' },
    make('table', {}, headRow('Field', 'In', 'Type', 'Notes'), ...rows),
  )
}

function headRow(...names) {
  return make('tr', {}, ...names.map((name) => make('th', { scope: 'col' }, name)))
}

function answerTable(route) {
  const rows = Object.entries(route.responses).map(([status, response]) => {
    const codes = (response['x-codes'] ?? []).flatMap((code, i) => [
      i === 0 ? '' : ', ',
      make('a', { href: `#${code}` }, code),
    ])
    const shape = typeOf(response.content?.['application/json']?.schema)
    const good = shape === 'any' ? prose(response.description) : [make('code', {}, shape)]
    return make(
      'tr',
      {},
      make('td', {}, status),
      make('td', {}, ...(codes.length > 0 ? codes : good)),
    )
  })
  const table = make('table', {}, headRow('Status', 'Answer'), ...rows)
  return make(
    'details',
    {},
    make('summary', {}, 'Answers'),
    make('div', { class: 'scroll' }, table),
  )
}

function routeCard(route) {
  const command = curlOf(route)
  return make(
    'article',
    { class: 'route', id: route.operationId },
    make('h3', {}, methodOf(route), ' ', make('code', {}, route.path)),
    make('p', {}, ...prose(route.summary)),
    route.description && make('p', { class: 'soft' }, ...prose(route.description)),
    fieldTable(route),
    command && exampleOf(command),
    answerTable(route),
  )
}

function problemRow([code, { title, status, outcome }]) {
  return make(
    'tr',
    { id: code },
    make('td', {}, make('code', {}, code)),
    make('td', {}, String(status)),
    make('td', {}, title),
    make('td', {}, outcome),
  )
}

function boundRow([name, { value, of }]) {
  return make(
    'tr',
    {},
    make('td', {}, make('code', {}, name)),
    make('td', {}, value),
    make('td', {}, ...prose(of)),
  )
}

function show() {
  const routes = routesOf(description)
  const cards = document.querySelector('#routes')
  const contents = document.querySelector('#contents')
  cards.replaceChildren()
  for (const { name, description: title } of description.tags) {
    const inGroup = routes.filter((route) => route.tags.includes(name))
    cards.append(make('section', {}, make('h2', { id: name }, title), ...inGroup.map(routeCard)))
    const links = inGroup.map((route) =>
      make('li', {}, make('a', { href: `#${route.operationId}` }, methodOf(route), route.path)),
    )
    contents.append(make('strong', {}, title), make('ul', {}, ...links))
  }
  const rows = Object.entries(description['x-problems']).map(problemRow)
  const head = headRow('Code', 'Status', 'Meaning', 'Outcome, where something was to change')
  document.querySelector('#problem-table').append(head, ...rows)
  const bounds = Object.entries(description['x-bounds']).map(boundRow)
  document.querySelector('#bound-table').append(headRow('Bound', 'Value', 'Of what'), ...bounds)
  document.querySelector('#intro').replaceChildren(...prose(description.info.description))
  const steps = ['postWrite', 'getFollowerRead', 'getReadWithRepair']
  const shown = steps.map((id) => routes.find((route) => route.operationId === id))
  document.querySelector('#steps').append(...shown.map((route) => exampleOf(curlOf(route))))
  // What the address names exists only now: go there again, so that it is marked as well.
  if (location.hash) location.replace(location.hash)
}

show()
