/** A piece of a statement. Words are in upper case; quoted identifiers without their quotes, as PostgreSQL knows them. */
export type Token = {
  readonly kind: 'word' | 'quoted' | 'string' | 'symbol';
  readonly text: string;
  /** How many parentheses are open around it. */
  readonly depth: number;
};

/** One SQL statement of a file, without comments around it and without its semicolon. */
export type Statement = {
  /** 1-based; empty statements are not counted, as PostgreSQL does not answer them. */
  readonly number: number;
  readonly text: string;
  /** Offsets in the file, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** 1-based line of its first token. */
  readonly line: number;
  /** The first tokens, and of the later ones those outside of parentheses: enough to know what it is. */
  readonly tokens: readonly Token[];
};

/** Something that makes the rest of a file unreadable. */
export type Fault = { readonly line: number; readonly what: string };

const keptInParentheses = 16;
const keptTokens = 200;

// space, line comment, block comment, E'…', '…', "…", $tag$, word, number, anything else
const lexeme =
  /([ \t\n\r\f\v]+|--[^\n\r]*)|(\/\*)|([eE]')|(')|(")|(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|\d[\w.]*|([^])/y;

/**
 * Splits a file as PostgreSQL's own lexer would: it knows strings (with `standard_conforming_strings`),
 * quoted identifiers, dollar quotes, nested comments, parentheses and `BEGIN ATOMIC … END`.
 */
export function splitStatements(sql: string): {
  readonly statements: readonly Statement[];
  readonly faults: readonly Fault[];
} {
  const scan = new Scan(sql);
  while (!scan.atEnd) scan.next();
  scan.finishStatement();
  return { statements: scan.statements, faults: scan.faults };
}

class Scan {
  readonly statements: Statement[] = [];
  readonly faults: Fault[] = [];
  readonly #sql: string;
  #at = 0;
  #line = 1;
  #lineCountedTo = 0;
  #tokens: Token[] = [];
  #start = 0;
  #startLine = 1;
  #end = 0;
  #parentheses = 0;
  /** Open BEGIN ATOMIC and CASE, inside of which a semicolon ends no statement. */
  #blocks = 0;

  constructor(sql: string) {
    this.#sql = sql;
  }

  get atEnd(): boolean {
    return this.#at >= this.#sql.length;
  }

  next(): void {
    const from = this.#at;
    lexeme.lastIndex = from;
    const match = lexeme.exec(this.#sql);
    if (match === null) throw new Error('every character is a lexeme');
    this.#at = lexeme.lastIndex;
    const [text, space, comment, escaped, string, identifier, dollar, word, other] = match;
    if (space !== undefined) return;
    if (comment !== undefined) return this.#skipTo(endOfComment(this.#sql, this.#at), 'comment');
    if (this.#tokens.length === 0) this.#begin(from);

    if (escaped !== undefined) this.#quotedBy(endOfEscapedString, 'string', from);
    else if (string !== undefined) this.#quotedBy(endOfString, 'string', from);
    else if (identifier !== undefined) this.#quotedBy(endOfIdentifier, 'quoted', from);
    else if (dollar !== undefined) {
      const end = this.#sql.indexOf(dollar, this.#at);
      this.#skipTo(end < 0 ? undefined : end + dollar.length, `${dollar} string`);
      this.#keep('string', '');
    } else if (word !== undefined) this.#word(word.toUpperCase());
    else if (other !== undefined) this.#symbol(other, from);
    else this.#keep('symbol', text);
    if (other !== ';' || this.#tokens.length > 0) this.#end = this.#at;
  }

  finishStatement(): void {
    if (this.#tokens.length > 0) {
      this.statements.push({
        number: this.statements.length + 1,
        text: this.#sql.slice(this.#start, this.#end),
        start: this.#start,
        end: this.#end,
        line: this.#startLine,
        tokens: this.#tokens,
      });
    }
    this.#tokens = [];
    this.#parentheses = 0;
    this.#blocks = 0;
  }

  #begin(from: number): void {
    this.#start = from;
    this.#startLine = this.#lineOf(from);
  }

  #lineOf(offset: number): number {
    for (let at = this.#lineCountedTo; ;) {
      at = this.#sql.indexOf('\n', at) + 1;
      if (at === 0 || at > offset) break;
      this.#line += 1;
      this.#lineCountedTo = at;
    }
    return this.#line;
  }

  #skipTo(end: number | undefined, what: string): void {
    if (end === undefined) {
      this.faults.push({
        line: this.#lineOf(this.#at),
        what: `the ${what} that begins here has no end`,
      });
    }
    this.#at = end ?? this.#sql.length;
  }

  #quotedBy(
    endOf: (sql: string, from: number) => number | undefined,
    kind: 'string' | 'quoted',
    from: number,
  ): void {
    this.#skipTo(endOf(this.#sql, this.#at), kind === 'string' ? 'string' : 'quoted identifier');
    const raw = kind === 'quoted' ? this.#sql.slice(from + 1, this.#at - 1) : '';
    this.#keep(kind, raw.replaceAll('""', '"'));
  }

  #word(word: string): void {
    const previous = this.#tokens.at(-1);
    if (word === 'ATOMIC' && previous?.text === 'BEGIN' && this.#createsRoutine()) this.#blocks = 1;
    else if (word === 'CASE' && this.#blocks > 0) this.#blocks += 1;
    else if (word === 'END' && this.#blocks > 0) this.#blocks -= 1;
    this.#keep('word', word);
  }

  #createsRoutine(): boolean {
    return /^CREATE (OR REPLACE )?(FUNCTION|PROCEDURE)\b/.test(leadingWords(this.#tokens));
  }

  #symbol(symbol: string, from: number): void {
    if (symbol === ';' && this.#parentheses === 0 && this.#blocks === 0) {
      // The semicolon itself may have begun an empty statement.
      return this.finishStatement();
    }
    if (symbol === '\\') {
      this.faults.push({ line: this.#lineOf(from), what: 'a backslash command is for psql' });
    }
    if (symbol === ')') this.#parentheses = Math.max(0, this.#parentheses - 1);
    this.#keep('symbol', symbol);
    if (symbol === '(') this.#parentheses += 1;
  }

  #keep(kind: Token['kind'], text: string): void {
    const depth = this.#parentheses;
    const kept = this.#tokens.length;
    if (kept < keptInParentheses || (depth === 0 && kept < keptTokens)) {
      this.#tokens.push({ kind, text, depth });
    }
  }
}

/** The words with which a statement begins, one space between them. */
export function leadingWords(tokens: readonly Token[]): string {
  const end = tokens.findIndex(({ kind }) => kind !== 'word');
  return tokens
    .slice(0, end < 0 ? undefined : end)
    .map(({ text }) => text)
    .join(' ');
}

function endOfString(sql: string, from: number): number | undefined {
  return endOfDoubled(sql, from, "'");
}

function endOfIdentifier(sql: string, from: number): number | undefined {
  return endOfDoubled(sql, from, '"');
}

/** Where a quoted thing ends whose quote is written twice to be part of it. */
function endOfDoubled(sql: string, from: number, quote: string): number | undefined {
  for (let at = from; ; at += 2) {
    at = sql.indexOf(quote, at);
    if (at < 0) return undefined;
    if (sql[at + 1] !== quote) return at + 1;
  }
}

const quoteOrBackslash = /['\\]/g;
/** Two string constants with a newline between them are one, and the second inherits the escapes. */
const continued = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y;

function endOfEscapedString(sql: string, from: number): number | undefined {
  quoteOrBackslash.lastIndex = from;
  for (;;) {
    const found = quoteOrBackslash.exec(sql);
    if (found === null) return undefined;
    const at = found.index;
    if (found[0] === '\\' || sql[at + 1] === "'") {
      quoteOrBackslash.lastIndex = at + 2;
      continue;
    }
    continued.lastIndex = at + 1;
    if (!continued.test(sql)) return at + 1;
    quoteOrBackslash.lastIndex = continued.lastIndex;
  }
}

const commentEdge = /\/\*|\*\//g;

function endOfComment(sql: string, from: number): number | undefined {
  commentEdge.lastIndex = from;
  for (let depth = 1; depth > 0;) {
    const edge = commentEdge.exec(sql);
    if (edge === null) return undefined;
    depth += edge[0] === '/*' ? 1 : -1;
  }
  return commentEdge.lastIndex;
}
