// What a problem advises: commands that may clear it, and settings to start with. The core gives them as data, for it
// knows neither routes nor flags; HTTP, scenarios and the library each say them in their own words.

import type { NodeId, ReplicaId } from './nodes.ts'

/**
 * Those of the cluster's commands that problems advise. Each side hands them to what says any `Command`, and the
 * settings to what knows the options, so that what is neither does not compile.
 */
export type AdvisedCommand =
  | { readonly verb: 'restart' | 'resume'; readonly replica: ReplicaId }
  | { readonly verb: 'heal' | 'release'; readonly from: NodeId; readonly to: NodeId }
  | { readonly verb: 'heal-all' }
  | {
      readonly verb: 'failover'
      readonly how: { readonly to?: ReplicaId; readonly force?: boolean }
    }
  | { readonly verb: 'reset'; readonly keep: 'nothing' }
  | {
      readonly verb: 'follower-read'
      readonly how: { readonly key: string; readonly replica: ReplicaId }
    }
  | { readonly verb: 'read-with-repair'; readonly how: { readonly key: string } }

/** An option of the cluster, and which way to change it. */
export interface Setting {
  readonly setting:
    | 'max-keys'
    | 'max-bytes'
    | 'max-messages'
    | 'max-waiting'
    | 'min-followers-to-write'
  readonly change: 'raise' | 'lower'
}

export type Remedy = AdvisedCommand | Setting

export const RESET: Remedy = { verb: 'reset', keep: 'nothing' }
export const HEAL_ALL: Remedy = { verb: 'heal-all' }
export const FAILOVER: Remedy = { verb: 'failover', how: {} }

export function restart(replica: ReplicaId): Remedy {
  return { verb: 'restart', replica }
}

export function resume(replica: ReplicaId): Remedy {
  return { verb: 'resume', replica }
}

/** How a reader of problems would write a remedy, to go on behind "Try" or "or". */
export interface RemedyWords {
  readonly command: (command: AdvisedCommand) => string
  /** Of a setting, with "a higher" or "a lower" before its name. */
  readonly setting: (change: string, name: Setting['setting']) => string
}

/** Each by itself. */
export function sayRemedies(remedies: readonly Remedy[], words: RemedyWords): string[] {
  return remedies.map((remedy) =>
    'verb' in remedy
      ? words.command(remedy)
      : words.setting(remedy.change === 'raise' ? 'a higher' : 'a lower', remedy.setting),
  )
}

/** A problem's sentence, and its remedies as one more behind it. */
export function withRemedies(
  { detail, remedies }: { readonly detail: string; readonly remedies: readonly Remedy[] },
  words: RemedyWords,
): string {
  if (remedies.length === 0) return detail
  const said = sayRemedies(remedies, words)
  const last = said.pop()
  const advice = said.length > 0 ? `${said.join(', ')} or ${last}` : last
  // A setting alone comes behind what the sentence itself advises.
  return `${detail} ${remedies.some((remedy) => 'verb' in remedy) ? 'Try' : 'Or'} ${advice}.`
}
