import { clean, graphemesOf } from '../theme/cells.ts';

/** One line of text that is being typed; `at` counts characters from its start. */
export type TextField = { readonly text: string; readonly at: number };

export const emptyField: TextField = { text: '', at: 0 };

export const fieldWith = (text: string): TextField => ({ text, at: graphemesOf(text).length });

/** `text` put in where the caret is, as one safe line. */
export function insert(field: TextField, text: string): TextField {
  const before = graphemesOf(field.text);
  const added = graphemesOf(clean(text));
  return {
    text: before.toSpliced(field.at, 0, ...added).join(''),
    at: field.at + added.length,
  };
}

function remove(field: TextField, from: number, to: number): TextField {
  const start = Math.max(0, from);
  return {
    text: graphemesOf(field.text)
      .toSpliced(start, to - start)
      .join(''),
    at: start,
  };
}

function wordStart(field: TextField): number {
  const before = graphemesOf(field.text).slice(0, field.at);
  while (before.at(-1) === ' ') before.pop();
  return before.lastIndexOf(' ') + 1;
}

/** The field after an editing key; undefined when the key edits nothing. */
export function edit(field: TextField, key: string): TextField | undefined {
  const length = graphemesOf(field.text).length;
  switch (key) {
    case 'backspace':
      return field.at === 0 ? field : remove(field, field.at - 1, field.at);
    case 'delete':
      return remove(field, field.at, field.at + 1);
    case 'ctrl-w':
      return remove(field, wordStart(field), field.at);
    case 'ctrl-u':
      return remove(field, 0, field.at);
    case 'ctrl-k':
      return { ...remove(field, field.at, length), at: field.at };
    case 'left':
      return { ...field, at: Math.max(0, field.at - 1) };
    case 'right':
      return { ...field, at: Math.min(length, field.at + 1) };
    case 'home':
    case 'ctrl-a':
      return { ...field, at: 0 };
    case 'end':
    case 'ctrl-e':
      return { ...field, at: length };
    default:
      return undefined;
  }
}
