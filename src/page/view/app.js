// The whole page: what goes where.

import { html, useState } from '../vendor/preact-htm.js'
import { ClusterView } from './cluster.js'
import { DiagramView } from './diagram.js'
import { Header } from './header.js'
import { Invitation } from './invitation.js'
import { LogView } from './log.js'
import { Menu } from './menus.js'
import { Notices } from './notices.js'
import { PastBar } from './past.js'
import { Side } from './side.js'

/** @import { Session } from '../live/session.js' */
/** @import { Item, Operation } from '../model/types' */
/** @import { Open, Opened } from './menus.js' */
/** @import { Window } from './timeline.js' */

/** @param {{ session: Session }} props */
export function App({ session }) {
  const [opened, setOpened] = useState(/** @type {Opened | null} */ (null))
  /** @type {Open} */
  const open = (part) => (event) => setOpened({ part, anchor: event.currentTarget })
  const close = () => setOpened((now) => (now === opened ? null : now))
  const [chosen, choose] = useState(/** @type {Item | null} */ (null))
  const [window, setWindow] = useState(/** @type {Window} */ ({ pxPerMs: null, right: null }))
  const [search, setSearch] = useState('')
  const show = (/** @type {Operation} */ operation) => {
    choose(operation)
    session.lookNow()
    session.lookAtTime(operation.endMs ?? operation.atMs)
  }
  return html`<${Header} session=${session} />
    <${Notices} session=${session} />
    <main>
      <div class="column wide-column">
        <${ClusterView} session=${session} open=${open} />
        <${DiagramView} session=${session} window=${window} setWindow=${setWindow} chosen=${chosen} choose=${choose} search=${search.trim().toLowerCase()} />
      </div>
      <div class="column side-column">
        <${Side} session=${session} show=${show} />
        <${LogView} session=${session} search=${search} setSearch=${setSearch} />
      </div>
    </main>
    <${PastBar} session=${session} />
    <${Invitation} session=${session} />
    ${opened && html`<${Menu} key=${JSON.stringify(opened.part)} session=${session} ...${opened} close=${close} />`}`
}
