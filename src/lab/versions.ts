// Versions as answers have them.

import { compareVersions as compare, parseVersion } from '../core/version.ts'

/**
 * Whether one version is older (below zero), the same, or newer (above zero), as `Array.sort` wants it: `1.9` is older
 * than `1.10`, and that than `2.1`.
 * @throws TypeError for a text that is no version
 */
export function compareVersions(a: string, b: string): number {
  return compare(versionOf(a), versionOf(b))
}

function versionOf(text: string) {
  const version = typeof text === 'string' ? parseVersion(text) : undefined
  if (version) return version
  throw new TypeError(`${JSON.stringify(text)} is no version: one is epoch.offset, such as "1.7"`)
}
