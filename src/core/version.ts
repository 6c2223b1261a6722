// Versions and the epoch table. A version says in which leadership (epoch) and at which position of the
// log (offset) a record was written; the table says which positions belong to which epoch, so that
// two logs can be compared without their entries. After KIP-101 (Kafka) and Raft's log matching, §5.3.

export type Epoch = number
export type Offset = number

/** `epoch.offset`, compared by epoch, then offset. */
export interface Version {
  readonly epoch: Epoch
  readonly offset: Offset
}

/** Where one epoch's entries begin. They end where the next epoch's begin. */
export interface EpochStart {
  readonly epoch: Epoch
  readonly firstOffset: Offset
}

/** Ascending in both columns; replaced, never changed in place, so that messages may share it. */
export type EpochTable = readonly EpochStart[]

/** Less than, equal to or greater than zero, as `Array.sort` wants it. */
export function compareVersions(a: Version, b: Version): number {
  return a.epoch - b.epoch || a.offset - b.offset
}

export function formatVersion(version: Version): string {
  return `${version.epoch}.${version.offset}`
}

/** `"1.7"` to a version; undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const match = /^([1-9]\d{0,14})\.([1-9]\d{0,14})$/.exec(text)
  if (!match) return undefined
  return { epoch: Number(match[1]), offset: Number(match[2]) }
}

/** The epoch that offset `offset` belongs to in a log with this table; 0 before the first entry. */
export function epochAt(table: EpochTable, offset: Offset): Epoch {
  for (let i = table.length - 1; i >= 0; i--) {
    const start = table[i] as EpochStart
    if (offset >= start.firstOffset) return start.epoch
  }
  return 0
}

/** The offset that the next entry of an epoch will have. */
export function nextOffset(log: {
  readonly firstOffset: Offset
  readonly records: readonly unknown[]
}): Offset {
  return log.firstOffset + log.records.length
}

export function newestEpoch(table: EpochTable): Epoch {
  return table[table.length - 1]?.epoch ?? 0
}

/**
 * Whether a version lies in its epoch's range of the table. The newest epoch's range is open: whether
 * the log has come so far already is not the table's business.
 */
export function isInTable(table: EpochTable, version: Version): boolean {
  return epochAt(table, version.offset) === version.epoch
}

/** Whether a version is older than the table's newest epoch and not in its log: nobody can have it back. */
export function isDead(table: EpochTable, version: Version): boolean {
  return version.epoch < newestEpoch(table) && !isInTable(table, version)
}

/**
 * The last offset up to which two logs are equal, given both tables and last offsets.
 * Two logs that agree on the epoch of a position agree on everything before it (Raft, §5.3).
 */
export function lastCommonOffset(
  mine: EpochTable,
  myLast: Offset,
  theirs: EpochTable,
  theirLast: Offset,
): Offset {
  let offset = Math.min(myLast, theirLast)
  if (mine === theirs) return offset
  while (offset > 0) {
    const a = epochAt(mine, offset)
    const b = epochAt(theirs, offset)
    if (a === b) return offset
    // Equal epochs begin at equal offsets, so the newer of the two ranges cannot be shared at all.
    const newer = a > b ? mine : theirs
    const start = newer.find((row) => row.epoch === Math.max(a, b)) as EpochStart
    offset = Math.min(offset, start.firstOffset) - 1
  }
  return 0
}

/** The table of a log cut off after `lastOffset`. */
export function tableUpTo(table: EpochTable, lastOffset: Offset): EpochTable {
  return table.filter((row) => row.firstOffset <= lastOffset)
}

/** The epoch table that a run of records implies, in the order of their log. */
export function tableOf(records: readonly Version[]): EpochTable {
  const table: EpochStart[] = []
  for (const { epoch, offset } of records) {
    if (table[table.length - 1]?.epoch !== epoch) table.push({ epoch, firstOffset: offset })
  }
  return table
}
