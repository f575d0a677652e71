import { inspect } from 'node:util';
import pg from 'pg';
import { expect, test } from 'vitest';
import { Problem } from '../../domain/errors.ts';
import { ConnectionUrl } from './connection-url.ts';
import { Secret } from './secret.ts';

const CANARY = 'canary-3f9d1c';
const parse = (text: string): ConnectionUrl => ConnectionUrl.parse(text, 'MASTER_DATABASE_URL');

/** What the driver makes of a URL, without connecting. */
function asDriverSees(url: ConnectionUrl) {
  const { host, port, user, password, database } = new pg.Client({
    connectionString: url.reveal(),
  });
  return { host, port, user, password, database };
}

test('no printed form of a URL shows its password', () => {
  const urls = [
    parse(`postgresql://app:${CANARY}@db.example.com:5433/master?application_name=x`),
    parse(`postgresql://db.example.com/master?user=app&password=${CANARY}`),
    parse(`postgresql:///master?host=/run/postgresql&user=app&password=${CANARY}`),
    parse('postgresql://app@db.example.com/master').with({ password: new Secret(CANARY) }),
  ];
  for (const url of urls) {
    expect(asDriverSees(url).password).toBe(CANARY);
    for (const form of [
      `${url}`,
      JSON.stringify({ url }),
      inspect({ url }, { showHidden: true }),
    ]) {
      expect(form).not.toContain(CANARY);
      expect(form).toContain('app:[redacted]@');
    }
  }
});

test('a faulty URL is refused without being printed', () => {
  for (const text of [
    '',
    CANARY,
    `mysql://root:${CANARY}@h/d`,
    `postgresql://a:${CANARY}@h:port/d`,
  ]) {
    expect(() => parse(text)).toThrow(Problem);
    expect(() => parse(text)).toThrow(/^"MASTER_DATABASE_URL" must be a URL/);
  }
});

test('a socket directory stays the host when user and database change', () => {
  const base = [
    'postgresql:///master?host=/run/postgresql',
    'postgresql://app@/master?host=/run/postgresql',
    'postgresql://app@%2Frun%2Fpostgresql/master',
  ];
  for (const text of base) {
    const url = parse(text).with({ user: 'owner', database: 'tenant_a' });
    expect(asDriverSees(url)).toMatchObject({
      host: '/run/postgresql',
      user: 'owner',
      database: 'tenant_a',
    });
  }
});

test('every character of a password arrives', () => {
  const password = `p@ss:w/ord?#%41%${CANARY}&=+ é'"`;
  const url = parse('postgresql://app:old@localhost:5432/master').with({
    password: new Secret(password),
  });
  expect(asDriverSees(url)).toMatchObject({ password, host: 'localhost', port: 5432 });
});

test('beyond loopback and sockets TLS is verified unless the URL says otherwise', () => {
  const secured = (text: string): boolean =>
    parse(text).withTlsByDefault().reveal().includes('sslmode=verify-full');
  expect(secured('postgresql://a@db.example.com/d')).toBe(true);
  expect(secured('postgresql://a@10.0.0.7/d')).toBe(true);
  expect(secured('postgresql://a@localhost.example.com/d')).toBe(true);
  expect(secured('postgresql://a@db.example.com/d?sslmode=disable')).toBe(false);
  for (const local of ['localhost', '127.0.0.1', '[::1]', '%2Frun%2Fpostgresql'])
    expect(secured(`postgresql://a@${local}/d`)).toBe(false);
  expect(secured('postgresql:///d?host=/run/postgresql')).toBe(false);
  expect(secured('postgresql://localhost/d?host=db.example.com')).toBe(true);
});

test('database and user are readable, the password is not', () => {
  const url = parse(`postgresql://app:${CANARY}@localhost/master`);
  expect([url.user, url.database]).toEqual(['app', 'master']);
  expect(parse('postgresql://app@localhost').database).toBeNull();
});
