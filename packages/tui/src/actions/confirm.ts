import { edit, emptyField, insert, type TextField } from '../keys/text-field.ts';
import type { Token } from '../keys/tokenize.ts';
import type { WorkActionId } from './table.ts';

/** A row as it stood on the screen when the key was pressed. */
export type Target = {
  readonly id: string;
  readonly slug: string;
  /** The revision that was shown; 0 where there is no database yet. */
  readonly revision: number;
};

/** What will be sent, with everything fixed at the key press. */
export type Command =
  | { readonly action: Exclude<WorkActionId, 'migrate-all'>; readonly targets: readonly Target[] }
  | { readonly action: 'migrate-all' }
  | { readonly action: 'create-tenant'; readonly slug: string };

/** A question that stands on the screen. T1 is one line and `y`; T2 a dialog and a word to type. */
export type Confirm = {
  readonly tier: 'T1' | 'T2';
  readonly command: Command;
  readonly title: string;
  readonly facts: readonly string[];
  /** What T2 wants typed: the count, or the environment's name. */
  readonly word: string;
  readonly field: TextField;
  readonly openedAtMs: number;
  readonly complaint: string | null;
};

/** A question answers to nothing before it has been on the screen for so long. */
export const ARMED_AFTER_MS = 300;

export const isArmed = (confirm: Confirm, nowMs: number): boolean =>
  nowMs - confirm.openedAtMs >= ARMED_AFTER_MS;

export const newConfirm = (confirm: Omit<Confirm, 'field' | 'complaint'>): Confirm => ({
  ...confirm,
  field: emptyField,
  complaint: null,
});

export type Answer =
  | { readonly kind: 'open'; readonly confirm: Confirm }
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'cancelled' };

/** What one token does to a question. A paste, and a key that did not come alone, never confirm. */
export function answer(confirm: Confirm, token: Token, nowMs: number): Answer {
  if (token.type === 'key' && token.key === 'esc') return { kind: 'cancelled' };
  if (!isArmed(confirm, nowMs)) return { kind: 'open', confirm };
  return confirm.tier === 'T1' ? answerKey(confirm, token) : answerWord(confirm, token);
}

function answerKey(confirm: Confirm, token: Token): Answer {
  if (token.type === 'paste') {
    return { kind: 'open', confirm: { ...confirm, complaint: 'a paste is no answer' } };
  }
  return { kind: token.key === 'y' && token.alone ? 'confirmed' : 'cancelled' };
}

function answerWord(confirm: Confirm, token: Token): Answer {
  const open = (changes: Partial<Confirm>): Answer => ({
    kind: 'open',
    confirm: { ...confirm, complaint: null, ...changes },
  });
  if (token.type === 'paste') return open({ complaint: 'type it, a paste is no answer' });
  if (token.key === 'enter') {
    if (!token.alone) return open({ complaint: 'press Enter once more' });
    if (confirm.field.text === confirm.word) return { kind: 'confirmed' };
    return open({ complaint: `that is not "${confirm.word}"` });
  }
  if (token.text !== undefined) return open({ field: insert(confirm.field, token.text) });
  return open({ field: edit(confirm.field, token.key) ?? confirm.field });
}
