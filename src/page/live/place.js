// Where one is on the page, kept in its address, so that reloading, going back and forward, and a link keep it:
//   #lesson=split-brain&step=4   which lesson, and the step it is at, from 1
//   scenario                     one's own in its place, packed by the server
//   tab                          which panel is open
//   at                           what the pictures look back at: the id of an event, or `chapter/ms`

/** @returns {{ readonly [name: string]: string | undefined }} */
export function placeNow() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)))
}

/**
 * @param {ReturnType<typeof placeNow>} changes what is undefined in them is said no more
 * @param {'replace'} [how] where nobody would want to go back to what was before
 */
export function goTo(changes, how) {
  const place = Object.entries({ ...placeNow(), ...changes }).filter(([, value]) => value)
  const hash = String(new URLSearchParams(/** @type {string[][]} */ (place)))
  if (hash === location.hash.slice(1)) return
  history[how ? 'replaceState' : 'pushState'](null, '', `#${hash}`)
  dispatchEvent(new PopStateEvent('popstate'))
}

/** @param {() => void} listener */
export function onPlace(listener) {
  addEventListener('popstate', listener)
  return () => removeEventListener('popstate', listener)
}
