// What each bound is of, and what happens beyond it, for /openapi.json, which /docs shows to people.

import { BOUNDS } from '../core/bounds.ts'
import { US_PER_SECOND } from '../core/units.ts'

type Bound = keyof typeof BOUNDS

const NOTES: Readonly<Record<Bound, string>> = {
  followersMin: 'followers, at least',
  followersMax: 'followers, at most',
  keyBytesMax: 'bytes of a key, in UTF-8',
  valueBytesMax: 'bytes of a value, in UTF-8',
  clientCharsMax: 'characters of `Client-Id`',
  keysMax: 'keys; then 507 `too-many-keys` (`--max-keys`)',
  messagesMax: 'messages on their way; then 429 `too-many-messages` (`--max-messages`)',
  waitingMax: 'requests that wait; then 429 `too-many-waiting` (`--max-waiting`)',
  logEntriesMax: "entries of a replica's log; who needs older ones gets a snapshot (`--max-log`)",
  earlyCopiesMax: 'copies that wait for a gap at one follower; then sent again',
  bytesMin: 'bytes of keys and values in all buffers, two a character, at least',
  bytesMax:
    'the same in scenarios and tests; a server takes a quarter of what Node may use (`--max-bytes`)',
  eventsMax: 'events kept for those who resume (`--max-events`)',
  streamsMax: 'event streams; then 429 `too-many-streams` (`--max-streams`)',
  classFollowersMax: 'of them by the link of a class, and voters; then 429 `class-full`',
  classCharsMax: 'characters of each text it is shown',
  classChoicesMax: 'choices of its question',
  historyMax: 'operations of clients kept to be judged (`--max-history`)',
  commandsMax: 'commands recorded; then 409 `scenario-truncated`',
  chaptersMax: 'chapters kept, the newest',
  failoversMax: 'failovers that `GET /failovers` remembers',
  advanceEventsMax: 'steps of one `advance`; then it says how far it got',
  advanceEventsShown: 'events in its answer; the others are counted',
  latencyUsMax: 'one latency or time-out',
  advanceUsMax: 'one `advance` or `forMs`',
  clockUsMax: 'when the clock stops',
  rateMax: 'times as fast as the wall clock, at most',
  rateMin: 'the same, at least',
  labsMax: 'labs beside the root; then 429 `too-many-labs` (`--max-labs`)',
  labEntriesMax: 'keys, messages, waiting requests, log entries of one, unless it asks for more',
  labBytesMax: 'its bytes, likewise; all labs together may be given what the server has',
  labEventsMax: 'events kept',
  labHistoryMax: 'operations to be judged',
  labCommandsMax: 'commands of its recording',
  labCharsMax: 'characters of keys and values in that',
  patienceMsMax: 'ms of real time that `whenWaiting` waits; then 409 `too-few-waiting`',
  predictionsMax: 'forecasts at once; then 429 `too-many-predictions`',
  predictionTrialsMax: 'trials of one',
  rowsMax: 'rows of each replica that one view shows',
}

interface Described {
  readonly value: string
  readonly of: string
}

export function describeBounds(): Readonly<Record<string, Described>> {
  return Object.fromEntries(
    Object.entries(BOUNDS).map(([name, value]) => [
      name,
      { value: sayBound(name, value), of: NOTES[name as Bound] },
    ]),
  )
}

/** Without a unit it counts what is said of it. */
function sayBound(name: string, value: number): string {
  const hours = value / US_PER_SECOND / 3_600
  if (name.includes('Us')) return hours < 24 ? `${hours} h` : `${hours / 24} days`
  return value < 1 ? String(value) : value.toLocaleString('en-US')
}
