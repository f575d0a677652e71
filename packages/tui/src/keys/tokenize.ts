import { graphemesOf } from '../theme/cells.ts';

/**
 * One key, or one paste. `key` is a name (`enter`, `esc`, `up`, `ctrl-d`, …) or the character itself; `text` is
 * there when it would be written into a field. `alone`: nothing else came with it. Terminals deliver fast
 * keys, repeated keys and unmarked pastes together, and then no single one of them can be an answer.
 */
export type KeyToken = {
  readonly type: 'key';
  readonly key: string;
  readonly text?: string;
  readonly alone: boolean;
};
export type PasteToken = { readonly type: 'paste'; readonly text: string };
export type Token = KeyToken | PasteToken;

const ESC = '\u001b';
const PASTE_START = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;
/** More characters than this at once, other than repeated moves, were pasted by a terminal without marks. */
const BURST_LIMIT = 24;

const controls: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\b': 'backspace',
};

const sequences: Readonly<Record<string, string>> = {
  '[A': 'up',
  '[B': 'down',
  '[C': 'right',
  '[D': 'left',
  OA: 'up',
  OB: 'down',
  OC: 'right',
  OD: 'left',
  '[H': 'home',
  '[F': 'end',
  OH: 'home',
  OF: 'end',
  '[1~': 'home',
  '[4~': 'end',
  '[7~': 'home',
  '[8~': 'end',
  '[3~': 'delete',
  '[5~': 'pageup',
  '[6~': 'pagedown',
  '[Z': 'shift-tab',
};

// A complete sequence: CSI (mouse reports and unknown ones too), SS3, or ESC with one character (Alt).
// oxlint-disable-next-line no-control-regex
const complete = /^\u001b(?:\[[0-?]*[ -/]*[@-~]|O[A-Za-z]|[^[O\u001b])/u;
// oxlint-disable-next-line no-control-regex
const incomplete = /^\u001b(?:\[[0-?]*[ -/]*|O)?$/;

type Key = { readonly key: string; readonly text?: string };

function keyOfCharacter(character: string): Key | undefined {
  const named = controls[character];
  if (named !== undefined) return { key: named };
  const code = character.codePointAt(0) ?? 0;
  if (code === 0) return { key: 'ctrl-space' };
  if (code < 0x1b) return { key: `ctrl-${String.fromCodePoint(code + 0x60)}` };
  if (code === 0x1c) return { key: 'ctrl-\\' };
  if (code < 0x20) return undefined;
  return { key: character === ' ' ? 'space' : character, text: character };
}

/** Turns what a terminal sends into keys. Keeps what is not complete until the rest comes. */
export class Tokenizer {
  #pending = '';

  /** Whether an ESC waits to be either a key or the start of a sequence; `flush` decides after a while. */
  get waiting(): boolean {
    return this.#pending !== '' && !this.#pending.startsWith(PASTE_START);
  }

  push(chunk: string): Token[] {
    let rest = this.#pending + chunk;
    this.#pending = '';
    const found: (Key | PasteToken)[] = [];
    while (rest !== '') {
      const taken = this.#take(rest, found);
      if (taken === 0) {
        this.#pending = rest;
        break;
      }
      rest = rest.slice(taken);
    }
    return judged(found);
  }

  /** No more came: a waiting ESC was the key. */
  flush(): Token[] {
    if (!this.waiting) return [];
    this.#pending = '';
    return judged([{ key: 'esc' }]);
  }

  /** Takes one token off the front; returns how much it took, 0 when it is not complete. */
  #take(rest: string, found: (Key | PasteToken)[]): number {
    if (rest.startsWith(PASTE_START)) {
      const end = rest.indexOf(PASTE_END);
      if (end === -1) return 0;
      found.push({ type: 'paste', text: rest.slice(PASTE_START.length, end) });
      return end + PASTE_END.length;
    }
    if (rest.startsWith(ESC)) return takeSequence(rest, found);
    const end = rest.indexOf(ESC);
    const text = end === -1 ? rest : rest.slice(0, end);
    for (const character of graphemesOf(text)) {
      // "\r\n" is one grapheme.
      const key = keyOfCharacter(character === '\r\n' ? '\r' : character);
      if (key !== undefined) found.push(key);
    }
    return text.length;
  }
}

function takeSequence(rest: string, found: (Key | PasteToken)[]): number {
  if (incomplete.test(rest)) return 0;
  const sequence = complete.exec(rest)?.[0];
  if (sequence === undefined) {
    // ESC in front of something that is no sequence, another ESC for example: the key itself.
    found.push({ key: 'esc' });
    return ESC.length;
  }
  const key = sequences[sequence.slice(1)];
  if (key !== undefined) found.push({ key });
  return sequence.length;
}

const movesOnly = new Set(['j', 'k', 'up', 'down', 'pageup', 'pagedown', 'backspace']);

function judged(found: readonly (Key | PasteToken)[]): Token[] {
  const text = found.map((token) => ('text' in token ? (token.text ?? '') : '')).join('');
  if (found.length > BURST_LIMIT && !found.every((t) => 'key' in t && movesOnly.has(t.key))) {
    return [{ type: 'paste', text }];
  }
  return found.map((token) =>
    'type' in token ? token : { type: 'key', ...token, alone: found.length === 1 },
  );
}
