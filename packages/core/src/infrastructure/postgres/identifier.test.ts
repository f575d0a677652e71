import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identifier } from './identifier.ts';

test('a name is quoted, and its quotes are doubled', () => {
  expect(identifier('tenant_a')).toBe('"tenant_a"');
  expect(identifier('a"; drop database x; --')).toBe('"a""; drop database x; --"');
});

test('names that PostgreSQL would cut or refuse never come through', () => {
  expect(() => identifier('')).toThrow('is no name');
  expect(() => identifier('a\0b')).toThrow('NUL');
  expect(identifier('x'.repeat(63))).toHaveLength(65);
  expect(() => identifier('x'.repeat(64))).toThrow('64 bytes');
  expect(() => identifier('é'.repeat(32))).toThrow('64 bytes');
});

test('whatever the name, the result is one quoted identifier of at most 63 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }), (name) => {
      let quoted: string;
      try {
        quoted = identifier(name);
      } catch {
        expect(name.includes('\0') || Buffer.byteLength(name) > 63).toBe(true);
        return;
      }
      expect(quoted).toMatch(/^"(?:[^"]|"")+"$/u);
      expect(quoted.slice(1, -1).replaceAll('""', '"')).toBe(name);
    }),
  );
});
