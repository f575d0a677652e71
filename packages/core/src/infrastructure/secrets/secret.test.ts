import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from './secret.ts';

const CANARY = 'canary-3f9d1c';

test('every printed form of a secret hides it', () => {
  const secret = new Secret(CANARY);
  const error = new Error('failed', { cause: { secret } });
  const printed = [
    `${secret}`,
    'a ' + String(secret),
    JSON.stringify({ secret }),
    inspect({ deep: { secret } }, { showHidden: true, depth: null }),
    inspect(error),
    format('%s %o %j', secret, secret, secret),
    JSON.stringify(Object.entries(secret)),
  ];
  for (const form of printed) expect(form).not.toContain(CANARY);
  expect(String(secret)).toBe('[redacted]');
  expect(secret.reveal()).toBe(CANARY);
});

test('generated secrets hold 256 bits and differ', () => {
  const secrets = Array.from({ length: 100 }, () => Secret.generate().reveal());
  expect(new Set(secrets).size).toBe(100);
  for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
