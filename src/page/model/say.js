// Small phrases: times, numbers, and users' text made fit for a sentence. Nothing here knows markup.

const TEXT_CHARS_SHOWN = 60
/** The same as core/text/say.ts's: what acts instead of being seen, or hides. */
const ACTING =
  /(?!\n|\u200c|\u200d|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/gu

/**
 * A user's text where it stands alone: as it is, line breaks too, but for characters that would hide or
 * turn the direction of what follows.
 * @param {string} text
 */
export function showText(text) {
  return text.replace(ACTING, (char) =>
    Array.from({ length: char.length }, (_, i) => {
      return `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`
    }).join(''),
  )
}

/** A user's text inside a sentence: in quotes unless it is one plain word, and never long. @param {string} text */
export function sayText(text) {
  const shown = text.length > TEXT_CHARS_SHOWN ? `${text.slice(0, TEXT_CHARS_SHOWN)}…` : text
  return /^[\w:./@-]+$/u.test(shown) ? shown : showText(JSON.stringify(shown))
}

/** @param {number} ms */
export function sayMs(ms) {
  const rounded = ms >= 100 ? Math.round(ms) : Math.round(ms * 1000) / 1000
  return `${groupDigits(rounded)} ms`
}

/** Simulated time as a clock shows it: seconds with three decimals. @param {number} ms */
export function sayClock(ms) {
  const [whole = '0', part = '000'] = (Math.floor(ms) / 1000).toFixed(3).split('.')
  return `${groupDigits(Number(whole))}.${part} s`
}

/** @param {number} n */
function groupDigits(n) {
  return String(n).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, '\u202f')
}

/** @param {number} n @param {string} one @param {string} [many] */
export function count(n, one, many = `${one}s`) {
  return `${groupDigits(n)} ${n === 1 ? one : many}`
}
