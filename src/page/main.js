// Starts the live page: one session with the server, one tree of views. The page speaks to the server by its
// public HTTP API and event stream only. Start reading at live/session.js and view/app.js.

import { Session } from './live/session.js'
import { html, render } from './vendor/preact-htm.js'
import { App } from './view/app.js'

const page = /** @type {HTMLElement} */ (document.querySelector('#page'))
const session = new Session()
const calm = matchMedia('(prefers-reduced-motion: reduce)')
session.playback.glides = !calm.matches
calm.addEventListener('change', () => {
  session.playback.glides = !calm.matches
})

// What it asks for is on its way while the page is drawn.
session.start()
page.replaceChildren()
const draw = (/** @type {unknown} */ View) => render(html`<${View} session=${session} />`, page)
if (!location.pathname.startsWith('/follow/')) draw(App)
else void import('./view/class.js').then(({ FollowView }) => draw(FollowView))
