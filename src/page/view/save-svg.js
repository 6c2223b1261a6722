// Saves the diagram as a file that looks the same without this page: styles are written into its elements.

import { saveFile } from './bits.js'

const PROPERTIES = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'paint-order',
  'opacity',
  'fill-opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
]

/** @param {SVGSVGElement | null} drawing */
export function saveAsSvg(drawing) {
  if (drawing) saveFile(svgText(drawing), 'image/svg+xml', 'replication-lab.svg')
}

/** @param {SVGSVGElement} drawing */
function svgText(drawing) {
  const copy = /** @type {SVGSVGElement} */ (drawing.cloneNode(true))
  const originals = drawing.querySelectorAll('*')
  copy.querySelectorAll('*').forEach((element, i) => {
    const original = originals[i]
    if (!original) return
    const style = getComputedStyle(original)
    for (const name of PROPERTIES) element.setAttribute(name, style.getPropertyValue(name))
    element.removeAttribute('class')
  })
  for (const hit of copy.querySelectorAll('path[stroke="rgba(0, 0, 0, 0)"]')) hit.remove()
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  ground.setAttribute('width', '100%')
  ground.setAttribute('height', '100%')
  ground.setAttribute('fill', getComputedStyle(document.body).backgroundColor)
  copy.prepend(ground)
  return new XMLSerializer().serializeToString(copy)
}
