// What is wrong with a history, told with its file, its line and what to do about it.

/** Thrown by the readers; whoever knows the file's name prints it. */
export class HistoryMistake extends Error {
  override readonly name = 'HistoryMistake'
  /** From 1; null where it is about the whole. */
  readonly line: number | null
  readonly remedy: string

  constructor(line: number | null, message: string, remedy: string) {
    super(message)
    this.line = line
    this.remedy = remedy
  }

  /** `history.jsonl:4: … . …` */
  tell(file: string): string {
    const place = this.line === null ? file : `${file}:${this.line}`
    return `${place}: ${this.message}. ${this.remedy}.`
  }
}

/** A piece of a line, short enough to be shown. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
