import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nameOfAddress, parseDaemonAddress, resolveDaemonAddress } from './daemon-address.ts';

test.each([
  ['unix:/run/tenantd.sock', { kind: 'socket', path: '/run/tenantd.sock' }],
  ['/run/odd:name%20.sock', { kind: 'socket', path: '/run/odd:name%20.sock' }],
  ['localhost:4700', { kind: 'tcp', host: 'localhost', port: 4700, tls: false }],
  ['127.0.0.1:4700', { kind: 'tcp', host: '127.0.0.1', port: 4700, tls: false }],
  ['[::1]:4700', { kind: 'tcp', host: '::1', port: 4700, tls: false }],
  ['db.example.org:443', { kind: 'tcp', host: 'db.example.org', port: 443, tls: true }],
  ['http://db.example.org:80', { kind: 'tcp', host: 'db.example.org', port: 80, tls: false }],
])('%s is an address', (text, address) => {
  expect(parseDaemonAddress(text)).toEqual(address);
});

test.each(['', 'tenantd.sock', 'host:', ':4700', 'host:0', 'host:70000', 'host:80/path', '::1:80'])(
  '"%s" is no address',
  (text) => {
    expect(() => parseDaemonAddress(text)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    );
  },
);

test('an address is written as it is read', () => {
  for (const text of ['unix:/run/tenantd.sock', 'localhost:4700', '[::1]:4700']) {
    expect(nameOfAddress(parseDaemonAddress(text))).toBe(text);
  }
});

test('what was given wins over the environment, and neither is tried', async () => {
  const around = { env: { TENANTD_ADDR: '/from/env.sock' }, home: '/nowhere' };
  expect(await resolveDaemonAddress({ ...around, given: '/given.sock' })).toMatchObject({
    path: '/given.sock',
  });
  expect(await resolveDaemonAddress(around)).toMatchObject({ path: '/from/env.sock' });
});

test('the socket of the own state directory is found when something listens there', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'address-'));
  const path = join(directory, 'tenantd.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    const around = { env: { TENANTD_STATE_DIR: directory }, home: '/nowhere' };
    expect(await resolveDaemonAddress(around)).toEqual({ kind: 'socket', path });
  } finally {
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true });
  }
});

test('when nothing listens, the problem names where it was looked for', async () => {
  const env = { TENANTD_STATE_DIR: '/nowhere/state' };
  await expect(resolveDaemonAddress({ env, home: '/nowhere' })).rejects.toMatchObject({
    code: 'DAEMON_UNREACHABLE',
    message: expect.stringContaining('unix:/nowhere/state/tenantd.sock'),
  });
});
