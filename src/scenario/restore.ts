// What an earlier run left in its write-ahead file, as a scenario writes it: one line that says who led which
// epoch, and right below it one line for each record, in the order of the log. Together they are one command,
// the first of all.
//
//   restore leader=0 epoch=1
//   restored user:1 Jessica version=1.1 age=5.25s quorum

import type { StoredRecord } from '../core/record.ts'
import { NUMBER_MAX } from '../core/text/legal.ts'
import { compareVersions, type Version } from '../core/version.ts'
import { Arguments } from './arguments.ts'
import type { Token } from './lexer.ts'
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

const USAGE = 'restore leader=N epoch=E'
const RECORD_USAGE = 'restored KEY VALUE version=E.O age=TIME [quorum]'

export class RestoreReader {
  readonly #leader: number
  readonly #epoch: number
  readonly #sources: string[]
  readonly #records: StoredRecord[] = []
  #line: number

  constructor(tokens: readonly Token[], source: string, line: number, followers: number) {
    const [, ...rest] = tokens
    const args = argumentsOf(rest, USAGE, source)
    this.#leader = args.required('leader', readReplica)
    this.#epoch = args.required('epoch', wholeNumber(1, NUMBER_MAX))
    args.end()
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
    args.end()
    this.#checkOrder(version, tokens)
    const { epoch, offset } = version
    // 0 - 0, for -0 is another number.
    this.#records.push({ key, value, epoch, offset, writtenUs: 0 - age, quorum })
    this.#sources.push(source)
    this.#line = line
  }

  finish(): CommandLine {
    const how = { leader: this.#leader, epoch: this.#epoch, records: this.#records }
    return {
      kind: 'command',
      line: this.#line,
      sources: this.#sources,
      command: { verb: 'restore', how },
      goesOn: false,
      expectation: null,
    }
  }

  #checkOrder(version: Version, tokens: readonly Token[]): void {
    const at = tokens.find((token) => token.kind === 'pair' && token.name === 'version')
    const before = this.#records[this.#records.length - 1]
    if (version.epoch > this.#epoch) {
      complain(at ?? { column: 1 }, `its epoch is newer than that of the leader, ${this.#epoch}`)
    }
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

function argumentsOf(tokens: readonly Token[], usage: string, source: string): Arguments {
  const mark = tokens.find((token) => token.kind === 'arrow' || token.kind === 'ampersand')
  if (mark) complain(mark, `${mark.source} is not expected here\nexpected: ${usage}`)
  return new Arguments(tokens, usage, source.length + 1)
}
