import { expect, test } from 'vitest';
import { edit, emptyField, fieldWith, insert } from './text-field.ts';

test('characters are written where the caret is', () => {
  const typed = fieldWith('status:faled');
  expect(insert({ ...typed, at: typed.at - 3 }, 'i')).toEqual({ text: 'status:failed', at: 10 });
  expect(edit(typed, 'left')?.at).toBe(typed.at - 1);
});

test('what a reader takes for one character is deleted as one', () => {
  expect(edit(fieldWith('a👩‍🚀'), 'backspace')).toEqual({ text: 'a', at: 1 });
});

test('Ctrl-w takes a word, Ctrl-u everything before the caret', () => {
  expect(edit(fieldWith('status:failed acme '), 'ctrl-w')).toEqual(fieldWith('status:failed '));
  expect(edit(fieldWith('status:failed acme'), 'ctrl-u')).toEqual(emptyField);
});

test('a pasted line break becomes a space', () => {
  expect(insert(emptyField, 'a\r\nb')).toEqual(fieldWith('a b'));
});

test('a key that edits nothing says so', () => {
  expect(edit(emptyField, 'tab')).toBeUndefined();
});
