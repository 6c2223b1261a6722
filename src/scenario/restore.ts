// What an earlier run left in its write-ahead file, as a scenario writes it: one line that says who led which
// epoch, and right below it one line for each record, in the order of the log. Together they are one command,
// the first of all.
//
//   restore leader=0 epoch=1
//   restored user:1 Jessica version=1.1 age=5.25s quorum
//
// Of a log in which overwritten records are missing, the first line says its last offset, and in its table the
// version of each epoch's first entry: offset=42 table=1.1,5.30

import type { StoredRecord } from '../core/record.ts'
import { NUMBER_MAX } from '../core/text/legal.ts'
import type { RestoredCluster } from '../core/verbs.ts'
import {
  compareVersions,
  type EpochTable,
  isInTable,
  parseVersion,
  type Version,
} from '../core/version.ts'
import { Arguments } from './arguments.ts'
import type { Token, Word } from './lexer.ts'
import {
  complain,
  readAge,
  readKey,
  readReplica,
  readValue,
  readVersion,
  wholeNumber,
} from './readers.ts'
import type { CommandLine } from './scenario.ts'

const USAGE = 'restore leader=N epoch=E [offset=O table=E.O,...]'
const RECORD_USAGE = 'restored KEY VALUE version=E.O age=TIME [quorum] [origin=E.O]'

export class RestoreReader {
  readonly #leader: number
  readonly #epoch: number
  readonly #log: RestoredCluster['log']
  readonly #sources: string[]
  readonly #records: StoredRecord[] = []
  #line: number

  constructor(tokens: readonly Token[], source: string, line: number, followers: number) {
    const [, ...rest] = tokens
    const args = argumentsOf(rest, USAGE, source)
    this.#leader = args.required('leader', readReplica)
    this.#epoch = args.required('epoch', wholeNumber(1, NUMBER_MAX))
    const offset = args.option('offset', wholeNumber(1, NUMBER_MAX))
    const table = args.option('table', readTable)
    args.end()
    if ((offset === undefined) !== (table === undefined)) {
      args.refuse('offset and table are given together, or not at all')
    }
    this.#log = offset === undefined || !table ? undefined : { offset, table }
    if (this.#leader > followers) args.refuse(`leader: the replicas are 0 to ${followers}`)
    this.#sources = [source]
    this.#line = line
  }

  addRecord(tokens: readonly Token[], source: string, line: number): void {
    const args = argumentsOf(tokens.slice(1), RECORD_USAGE, source)
    const key = args.take('the key', readKey)
    const value = args.take('the value', readValue)
    const version = args.required('version', readVersion)
    const age = args.required('age', readAge)
    const quorum = args.flag('quorum')
    const origin = args.option('origin', readVersion)
    args.end()
    this.#checkOrder(version, tokens)
    const { epoch, offset } = version
    // 0 - 0, for -0 is another number.
    const record = { key, value, epoch, offset, writtenUs: 0 - age, quorum }
    this.#records.push(origin ? { ...record, origin } : record)
    this.#sources.push(source)
    this.#line = line
  }

  finish(): CommandLine {
    const [leader, epoch, records, log] = [this.#leader, this.#epoch, this.#records, this.#log]
    const how = { leader, epoch, records, ...(log && { log }) }
    return {
      kind: 'command',
      line: this.#line,
      sources: this.#sources,
      command: { verb: 'restore', how },
      goesOn: false,
      expectation: null,
    }
  }

  #checkLog(
    log: NonNullable<RestoredCluster['log']>,
    version: Version,
    before: Version | undefined,
    at: { column: number },
  ): void {
    if (before && version.offset <= before.offset) {
      complain(at, `it stands after offset ${before.offset}, and the log goes on from there`)
    }
    if (version.offset > log.offset || !isInTable(log.table, version)) {
      complain(at, 'no such entry is in the log that offset and table describe')
    }
  }

  #checkOrder(version: Version, tokens: readonly Token[]): void {
    const at = tokens.find((token) => token.kind === 'pair' && token.name === 'version')
    const before = this.#records[this.#records.length - 1]
    if (version.epoch > this.#epoch) {
      complain(at ?? { column: 1 }, `its epoch is newer than that of the leader, ${this.#epoch}`)
    }
    if (this.#log) return this.#checkLog(this.#log, version, before, at ?? { column: 1 })
    if (!before) return
    const follows = version.offset === before.offset + 1 && compareVersions(version, before) > 0
    if (!follows) {
      const { epoch, offset } = before
      complain(
        at ?? { column: 1 },
        `after ${epoch}.${offset} comes ${epoch}.${offset + 1}, or ${offset + 1} of a later epoch`,
      )
    }
  }
}

function readTable(word: Word, what: string): EpochTable {
  return word.text.split(',').map((text) => {
    const version = parseVersion(text)
    if (version) return { epoch: version.epoch, firstOffset: version.offset }
    return complain(word, `${what} is versions with commas between, as in 1.1,5.30`)
  })
}

function argumentsOf(tokens: readonly Token[], usage: string, source: string): Arguments {
  const mark = tokens.find((token) => token.kind === 'arrow' || token.kind === 'ampersand')
  if (mark) complain(mark, `${mark.source} is not expected here\nexpected: ${usage}`)
  return new Arguments(tokens, usage, source.length + 1)
}
