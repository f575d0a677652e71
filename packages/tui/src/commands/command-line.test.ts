import { expect, test } from 'vitest';
import { tenantctl } from '../../../../test/support/command-line.ts';

test.each([
  ['an unknown command', ['frobnicate'], 'unknown command "frobnicate"'],
  ['an unknown option', ['list', '--bogus'], 'unknown option "--bogus"'],
  ['a missing argument', ['provision'], 'missing required argument "tenantId"'],
  ['one argument too many', ['get', 'a', 'b'], 'too many arguments'],
  ['a limit that is no number', ['list', '--limit', 'x'], 'whole number'],
  ['an unknown format', ['-o', 'yaml', 'list'], 'Allowed choices are table, json, ndjson'],
  ['a tag without a value', ['tenant', 'create', 'a', '--tag', 'x'], 'key=value'],
  ['migrate without a tenant', ['migrate'], 'either a tenant or --all'],
  ['migrate with both', ['migrate', 'acme', '--all'], 'either a tenant or --all'],
  ['retry without a tenant', ['retry'], 'either tenants or --run'],
])(
  '%s is a usage error, told in one line before any daemon is asked',
  async (_what, words, says) => {
    const { code, stdout, stderr } = await tenantctl({ words });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    const [error = '', help] = stderr.trim().split('\n');
    expect(error).toMatch(/^error\[USAGE\]: /);
    expect(error).toContain(says);
    expect(help).toMatch(/^help: See: tenantctl /);
  },
);

test.each([
  [['provision'], 'tenantctl provision --help'],
  [['tenant', 'create', '--colour'], 'tenantctl tenant create --help'],
  [['run', 'frobnicate'], 'tenantctl run --help'],
  [['-o', 'yaml'], 'tenantctl --help'],
])('%j: the help is that of the command that was meant', async (words, help) => {
  expect((await tenantctl({ words })).stderr).toContain(`help: See: ${help}\n`);
});

test('a filter that is none exits 2 and lists what is known', async () => {
  const { code, stderr } = await tenantctl({ words: ['list', '--filter', 'colour:red'] });
  expect(code).toBe(2);
  expect(stderr).toContain('help: Filter for example by: status:failed ');
  expect(stderr).toMatch(/^error\[INVALID_INPUT\]: "colour:red" has no known key/);
});

test('with -o json an error is one JSON document on stderr', async () => {
  const { code, stdout, stderr } = await tenantctl({ words: ['list', '-o', 'json', '--bogus'] });
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(JSON.parse(stderr)).toMatchObject({
    error: { code: 'USAGE', message: 'unknown option "--bogus"' },
  });
});

test('without a daemon the exit code is 4 and the address is named', async () => {
  const { code, stderr } = await tenantctl({ words: ['list'], daemon: '/nowhere/tenantd.sock' });
  expect(code).toBe(4);
  expect(stderr).toMatch(/^error\[DAEMON_UNREACHABLE\]: .*"unix:\/nowhere\/tenantd\.sock"/);
  expect(stderr).toContain('help: Start one with: tenantd serve --embedded');
});

test('a token file that is not there is the fault of whoever typed it', async () => {
  const { code, stderr } = await tenantctl({ words: ['list', '--token-file', '/nowhere/token'] });
  expect(code).toBe(2);
  expect(stderr).toContain('"/nowhere/token" cannot be read');
});

test('help and version go to stdout and exit 0', async () => {
  const help = await tenantctl({ words: ['migrate', '--help'] });
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain('--include-failed');
  expect(help.stdout).toContain('--daemon <ADDR>');
  expect(await tenantctl({ words: ['--version'] })).toMatchObject({ code: 0, stdout: '0.0.0\n' });
});

test('a group without its command prints its help and exits 2', async () => {
  const { code, stderr } = await tenantctl({ words: ['run'] });
  expect(code).toBe(2);
  expect(stderr).toContain('Usage: tenantctl run');
});
