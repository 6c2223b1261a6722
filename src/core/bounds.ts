// Every bound in one table. A buffer without a line here is a bug; the ones a user may move have a
// flag in options/table.ts, which takes its default and its limits from here.

import { US_PER_SECOND } from './units.ts'

export const BOUNDS = {
  /** Followers of one leader. */
  followersMin: 1,
  followersMax: 100,
  /** A key, in bytes of UTF-8. */
  keyBytesMax: 256,
  /** A value, in bytes of UTF-8. */
  valueBytesMax: 65_536,
  /** A client's name, in characters. */
  clientCharsMax: 64,
  /** Distinct keys the leader holds, unless `--max-keys` says otherwise. */
  keysMax: 2_000_000,
  /** Copies and acknowledgements on their way, held and queued ones included. */
  messagesMax: 2_000_000,
  /** Requests that wait for an answer at the same time. */
  waitingMax: 10_000,
  /** Entries of a replica's log; older ones are dropped and a follower that needs them gets a snapshot. */
  logEntriesMax: 100_000,
  /** Copies that may wait at one follower for a gap in its log to close. */
  earlyCopiesMax: 100_000,
  /** Bytes of keys and values in all buffers together, at least and unless `--max-bytes` says otherwise. */
  bytesMin: 1024 * 1024,
  bytesMax: 2 * 1024 * 1024 * 1024,
  /** Events kept for those who resume the stream. */
  eventsMax: 10_000,
  /** Readers of the event stream at the same time, for each lab. */
  streamsMax: 250,
  /** Followers of a class: their streams, and who votes on one question. */
  classFollowersMax: 200,
  /** Each text that its presenter shows, in characters; and the choices of a question. */
  classCharsMax: 4_000,
  classChoicesMax: 10,
  /** Operations of clients kept to be judged. */
  historyMax: 100_000,
  /** Commands kept for the export of a session as a scenario. */
  commandsMax: 100_000,
  /** Chapters kept of a lab: its time between two resets. */
  chaptersMax: 1_000,
  /** Labs beside the root, and what each of them may keep unless told otherwise: entries of any kind, events, commands. */
  labsMax: 500,
  labEntriesMax: 20_000,
  labBytesMax: 4 * 1024 * 1024,
  labEventsMax: 2_000,
  labCommandsMax: 20_000,
  labHistoryMax: 20_000,
  /** Characters of keys and values that the recording of such a lab may hold. */
  labCharsMax: 2 * 1024 * 1024,
  /** Real time that `advance` waits for requests that are to wait. */
  patienceMsMax: 10_000,
  /** Forecasts worked out for requests at the same time, and trials of one. */
  predictionsMax: 2,
  predictionTrialsMax: 10_000_000,
  /** Failovers whose costs are remembered. */
  failoversMax: 1_000,
  /** Timeline steps one `advance` may take before it stops and says how far it got. */
  advanceEventsMax: 1_000_000,
  /** Events returned in the answer of one `advance`. */
  advanceEventsShown: 1_000,
  /** Rows of each replica that one view shows. */
  rowsMax: 50,
  /** One latency or simulated time-out: an hour. */
  latencyUsMax: 3_600 * US_PER_SECOND,
  /** One `advance`, or one `forMs`: a year of simulated time. */
  advanceUsMax: 365 * 86_400 * US_PER_SECOND,
  /** The clock stops here: a century of simulated time. Microseconds stay exact up to 285 years. */
  clockUsMax: 100 * 365 * 86_400 * US_PER_SECOND,
  /** How many times faster than real time the clock may run, and how slow. */
  rateMax: 1_000,
  rateMin: 0.001,
} as const
