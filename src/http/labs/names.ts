// What labs are called: `amber-fox`. Names are easier to say and to tell apart than numbers; each follows from the
// number of the lab, so a server gives the same ones every time and none twice.

const FIRST =
  'amber brisk calm dapper eager fair gentle hazel ivory jolly keen lucid merry noble olive plain quiet rosy sunny tidy urban vivid warm young zesty bold clear dusty early fresh green happy'
const SECOND =
  'fox owl bee cat dove elk frog goat hare ibis jay koala lynx mole newt otter pony quail robin seal toad urchin vole wren yak zebra ant bear crow deer emu finch'

const FIRSTS = FIRST.split(' ')
const SECONDS = SECOND.split(' ')
const NAMES = FIRSTS.length * SECONDS.length

/** @param number of the lab, from 0 */
export function nameOf(number: number): string {
  const round = Math.floor(number / NAMES)
  const place = number % NAMES
  const first = place % FIRSTS.length
  // Shifted, so that neighbours differ in both words.
  const second = (Math.floor(place / FIRSTS.length) + first) % SECONDS.length
  const name = `${FIRSTS[first]}-${SECONDS[second]}`
  return round === 0 ? name : `${name}-${round + 1}`
}

/** The number of the lab of this name; undefined where no lab is ever called so. */
export function numberOf(name: string): number | undefined {
  const [, one = '', two = '', more] = /^([a-z]+)-([a-z]+)(?:-(\d{1,9}))?$/.exec(name) ?? []
  const [first, second] = [FIRSTS.indexOf(one), SECONDS.indexOf(two)]
  const row = (second - first + SECONDS.length) % SECONDS.length
  const number = (Number(more ?? 1) - 1) * NAMES + row * FIRSTS.length + first
  const isOne = first >= 0 && second >= 0 && number >= 0 && nameOf(number) === name
  return isOne ? number : undefined
}
