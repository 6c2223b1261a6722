// The whole page: what goes where.

import { html, useState } from '../vendor/preact-htm.js'
import { ClusterView } from './cluster.js'
import { DiagramView } from './diagram.js'
import { Header } from './header.js'
import { LogView } from './log.js'
import { Menu } from './menus.js'
import { Notices } from './notices.js'
import { Side } from './side.js'
import { windowAt } from './timeline.js'

/** @typedef {import('../live/session.js').Session} Session */
/** @typedef {import('../model/types').Item} Item */
/** @typedef {import('../model/types').Operation} Operation */
/** @typedef {import('./menus.js').Part} Part */
/** @typedef {import('./timeline.js').Window} Window */

/** @param {{ session: Session }} props */
export function App({ session }) {
  const [part, open] = useState(/** @type {Part | null} */ (null))
  const [chosen, choose] = useState(/** @type {Item | null} */ (null))
  const [window, setWindow] = useState(/** @type {Window} */ ({ pxPerMs: null, right: null }))
  const show = (/** @type {Operation} */ operation) => {
    choose(operation)
    setWindow(windowAt(session.model, window, operation))
  }
  return html`<${Header} session=${session} />
    <${Notices} session=${session} />
    <main>
      <div class="column wide-column">
        <${ClusterView} session=${session} open=${open} />
        <${DiagramView} session=${session} window=${window} setWindow=${setWindow} chosen=${chosen} choose=${choose} />
      </div>
      <div class="column side-column">
        <${Side} session=${session} show=${show} />
        <${LogView} session=${session} />
      </div>
    </main>
    ${part && html`<${Menu} key=${JSON.stringify(part)} session=${session} part=${part} open=${open} close=${() => open(null)} />`}`
}
