import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Problem } from '../../domain/errors.ts';
import { SecretBox } from './secret-box.ts';
import { Secret } from './secret.ts';

const CANARY = 'canary-3f9d1c';
const place = { table: 'TenantDatabase', recordId: 'r-1', column: 'rolePassword' };
const oldKey = SecretBox.generateKey('2025').reveal();
const newKey = SecretBox.generateKey('2026').reveal();

function problemOf(action: () => unknown): Problem {
  try {
    action();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('what is sealed opens again in its place, and the sealed text does not hold it', () => {
  const box = SecretBox.fromKeys(newKey);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const sealed = box.seal(place, new Secret(text));
      expect(box.open(place, sealed).reveal()).toBe(text);
    }),
  );
  const sealed = box.seal(place, new Secret(CANARY));
  expect(sealed).toMatch(/^v1\.2026\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/);
  expect(sealed).not.toContain(CANARY);
  expect(box.seal(place, new Secret(CANARY))).not.toBe(sealed);
});

test('a secret moved to another table, row or column does not open', () => {
  const box = SecretBox.fromKeys(newKey);
  const sealed = box.seal(place, new Secret(CANARY));
  const elsewhere = [
    { ...place, table: 'DatabaseServer' },
    { ...place, recordId: 'r-2' },
    { ...place, column: 'databaseUrl' },
  ];
  for (const other of elsewhere) {
    const problem = problemOf(() => box.open(other, sealed));
    expect(problem.code).toBe('SECRET_UNREADABLE');
    expect(problem.message).toContain(`"${other.table} ${other.recordId} ${other.column}"`);
    expect(problem.message).not.toContain(CANARY);
  }
});

test('one flipped bit anywhere makes it unreadable', () => {
  const box = SecretBox.fromKeys(newKey);
  const sealed = box.seal(place, new Secret(CANARY));
  const [version, id, ...parts] = sealed.split('.');
  fc.assert(
    fc.property(fc.nat(2), fc.nat(7), fc.nat(1000), (which, bit, at) => {
      const bytes = Buffer.from(parts[which] ?? '', 'base64url');
      const index = at % bytes.length;
      bytes.writeUInt8(bytes.readUInt8(index) ^ (1 << bit), index);
      const changed = parts.with(which, bytes.toString('base64url'));
      const text = [version, id, ...changed].join('.');
      expect(problemOf(() => box.open(place, text)).code).toBe('SECRET_UNREADABLE');
    }),
  );
});

test('text that was never sealed is unreadable', () => {
  const box = SecretBox.fromKeys(newKey);
  for (const text of [
    '',
    CANARY,
    'v2.2026.a.b.c',
    'v1.2026.a.b',
    'v1.2026.a.b.c.d',
    'v1.2026.a.b.c',
  ])
    expect(problemOf(() => box.open(place, text)).code).toBe('SECRET_UNREADABLE');
});

test('the newest key writes and every key reads', () => {
  const before = SecretBox.fromKeys(oldKey);
  const after = SecretBox.fromKeys(`${newKey},${oldKey}`);
  const old = before.seal(place, new Secret(CANARY));
  expect(after.open(place, old).reveal()).toBe(CANARY);
  expect(after.isSealedByNewest(old)).toBe(false);
  const fresh = after.seal(place, after.open(place, old));
  expect(after.isSealedByNewest(fresh)).toBe(true);
  const problem = problemOf(() => before.open(place, fresh));
  expect(problem.code).toBe('SECRET_UNREADABLE');
  expect(problem.message).toContain('key "2026" is not configured');
});

test('another key under the same id does not open it', () => {
  const sealed = SecretBox.fromKeys(newKey).seal(place, new Secret(CANARY));
  const impostor = SecretBox.fromKeys(SecretBox.generateKey('2026').reveal());
  expect(problemOf(() => impostor.open(place, sealed)).code).toBe('SECRET_UNREADABLE');
});

test('faulty keys are refused without being printed', () => {
  const material = oldKey.slice('2025:'.length);
  const short = Buffer.from('too short').toString('base64');
  for (const setting of [
    '',
    material,
    `:${material}`,
    `a:${short}`,
    `${oldKey},${oldKey}`,
    `${oldKey},`,
  ]) {
    const problem = problemOf(() => SecretBox.fromKeys(setting));
    expect(problem.code).toBe('CONFIG_INVALID');
    expect(problem.message).toMatch(/^"TENANTD_ENCRYPTION_KEYS" /);
    expect(problem.message).not.toContain(material);
    expect(problem.message).not.toContain(short);
  }
});
