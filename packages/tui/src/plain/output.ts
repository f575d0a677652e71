import type { Problem } from '@tenantctl/core/domain/errors';
import { clean, cut } from '../theme/cells.ts';
import { type Look, type LookChoice, lookOf } from './look.ts';
import { type Column, tableLines } from './table.ts';
import type { Terminal } from './terminal.ts';

export type Format = 'table' | 'json' | 'ndjson';
export const formats: readonly Format[] = ['table', 'json', 'ndjson'];

type Options = LookChoice & { readonly terminal: Terminal; readonly format: Format };

/**
 * What a command says. Results go to stdout in the format that was asked for; everything said about them
 * goes to stderr, so that stdout is all result.
 */
export class Output {
  readonly format: Format;
  readonly look: Look;
  readonly errorLook: Look;
  readonly #terminal: Terminal;
  #liveLine = '';

  constructor({ terminal, format, ...choice }: Options) {
    this.#terminal = terminal;
    this.format = format;
    this.look = lookOf(terminal, 'stdout', choice);
    this.errorLook = lookOf(terminal, 'stderr', choice);
  }

  /** A line for people; none where the result is JSON. */
  line(text: string): void {
    if (this.format === 'table') this.#write('stdout', text);
  }

  /** A remark beside the result. */
  note(text: string): void {
    this.#write('stderr', text);
  }

  /** Rows as a table, one JSON array, or one JSON document a line. */
  rows<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): void {
    if (this.format === 'json') return this.#write('stdout', JSON.stringify(rows, undefined, 2));
    if (this.format === 'ndjson') {
      for (const row of rows) this.ndjson(row);
    } else {
      for (const line of tableLines(columns, rows, this.look)) this.#write('stdout', line);
    }
  }

  /** One thing: as `lines`, or as JSON. */
  one(value: unknown, lines: readonly string[]): void {
    if (this.format === 'json') return this.#write('stdout', JSON.stringify(value, undefined, 2));
    if (this.format === 'ndjson') return this.ndjson(value);
    for (const line of lines) this.#write('stdout', line);
  }

  ndjson(value: unknown): void {
    this.#write('stdout', JSON.stringify(value));
  }

  /** `error[CODE]: sentence` and `help: …` on stderr, as JSON where results are JSON. */
  problem({ code, message, help, facts }: Problem): void {
    if (this.format !== 'table') {
      return this.note(JSON.stringify({ error: { code, message, help, facts } }));
    }
    const { paint } = this.errorLook;
    this.note(`${paint(`error[${code}]:`, 'red', 'bold')} ${oneLine(message)}`);
    if (help !== undefined) this.note(`${paint('help:', 'cyan')} ${oneLine(help)}`);
  }

  /** Shows `text` in place of what `live` showed before; only where stderr is a terminal. */
  live(text: string): void {
    const { live, width = 80, glyphs } = this.errorLook;
    if (!live || text === this.#liveLine) return;
    this.#terminal.stderr.write(`\r\u001b[K${cut(text, width - 1, glyphs.ellipsis)}`);
    this.#liveLine = text;
  }

  #write(side: 'stdout' | 'stderr', text: string): void {
    if (this.#liveLine !== '') {
      this.#terminal.stderr.write('\r\u001b[K');
      this.#liveLine = '';
    }
    this.#terminal[side].write(`${text}\n`);
  }
}

const oneLine = (text: string): string => clean(text).replaceAll(/\s+/g, ' ').trim();
