import { expect, test } from 'vitest';
import { actions } from '../actions/table.ts';
import { actionOfKey } from './bindings.ts';

test('no key stands for two actions', () => {
  const keys = actions.flatMap((action) => action.keys);
  expect(new Set(keys).size).toBe(keys.length);
});

test('every action of the table is found by each of its keys', () => {
  for (const action of actions) {
    expect(action.keys.length).toBeGreaterThan(0);
    for (const key of action.keys) expect(actionOfKey(key)).toBe(action);
  }
});

test('y and Enter, which answer questions, start no work', () => {
  for (const key of ['y', 'enter']) expect(actionOfKey(key)?.kind).toBe('screen');
});
