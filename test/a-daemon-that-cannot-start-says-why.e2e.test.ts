import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tenantctl } from './support/command-line.ts';
import { startDaemon } from './support/daemon.ts';
import { eventually } from './support/eventually.ts';
import { sampleMigrations } from './support/fleet.ts';
import { withSuperuser } from './support/ledgers.ts';
import { startTestPostgres, type TestPostgres } from './support/postgres.ts';
import { startTenantd, tenantd, testKey } from './support/tenantd.ts';

const url = 'postgresql://somebody:secret@127.0.0.1:1/master';
const given = { MASTER_DATABASE_URL: url, TENANTD_ENCRYPTION_KEYS: testKey };

let directory: string;
let state: string;
let postgres: TestPostgres;

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'cannot-start-'));
  state = path.join(directory, 'state');
  postgres = await startTestPostgres();
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await postgres.stop();
});

type Case = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
  /** The beginnings of the errors, all of them, in order. */
  readonly says: readonly string[];
};

const refusals: Readonly<Record<string, Case>> = {
  'without anything': {
    says: [
      '"MASTER_DATABASE_URL" is not set',
      '"TENANTD_ENCRYPTION_KEYS" is not set: credentials must not be stored in the clear',
    ],
  },
  'without encryption keys': {
    environment: { MASTER_DATABASE_URL: url },
    says: ['"TENANTD_ENCRYPTION_KEYS" is not set: credentials must not be stored in the clear'],
  },
  'with the URL of another database': {
    environment: { ...given, MASTER_DATABASE_URL: 'mysql://somebody:secret@127.0.0.1/master' },
    says: [
      '"MASTER_DATABASE_URL" must be a URL like postgresql://user:password@host:5432/database,',
    ],
  },
  'with a URL that is none': {
    environment: { ...given, MASTER_DATABASE_URL: 'postgresql://somebody:se cret@host:99999/x' },
    says: ['"MASTER_DATABASE_URL" must be a URL like'],
  },
  'with several bad settings at once': {
    environment: {
      TENANTD_ENCRYPTION_KEYS: 'secret',
      TENANTD_LANES: '0',
      TENANTD_LOCK_TIMEOUT: '5',
      LOG_LEVEL: 'loud',
    },
    words: ['--listen', '127.0.0.1:4000'],
    says: [
      '"MASTER_DATABASE_URL" is not set',
      '"TENANTD_LISTEN" must be unix:/path',
      '"TENANTD_ENCRYPTION_KEYS" must be kid:base64 of 32 bytes',
      '"TENANTD_LANES" must be 1 to 99, and is "0" in the environment',
      '"TENANTD_LOCK_TIMEOUT" must be a duration such as 500ms, 5s, 10m, 24h or 7d, and is "5"',
      '"LOG_LEVEL" must be trace, debug, info, warn or error, and is "loud"',
    ],
  },
  'with a file of settings that is not there': {
    environment: given,
    words: ['--config', '/nowhere/tenantd.conf'],
    says: ['"--config" names "/nowhere/tenantd.conf", which cannot be read'],
  },
  'with a socket whose name is too long': {
    environment: given,
    words: ['--listen', `unix:/tmp/${'x'.repeat(120)}.sock`],
    says: [`"TENANTD_LISTEN" names "/tmp/${'x'.repeat(120)}.sock", which is too long for a socket`],
  },
};

test.for(Object.entries(refusals))(
  '%s it lists what is wrong, exits 2 and leaves nothing',
  async ([, { environment, words = [], says }]) => {
    const { code, stdout, stderr } = await tenantd(
      ['serve', '--state-dir', state, ...words],
      environment,
    );
    expect(code).toBe(2);
    expect(stdout).toBe('');
    const lines = stderr.trimEnd().split('\n');
    const errors = lines.filter((_, index) => index % 2 === 0);
    const helps = lines.filter((_, index) => index % 2 === 1);
    expect(errors).toEqual(says.map((sentence) => expect.stringContaining(sentence)));
    for (const error of errors) expect(error).toMatch(/^error\[CONFIG_INVALID\]: "/);
    for (const help of helps) expect(help).toMatch(/^help: [A-Z]/);
    expect(stderr).not.toContain('secret@');
    expect(await readdir(directory)).not.toContain('state');
  },
);

test('a file of settings with a name that is none is refused', async () => {
  const file = path.join(directory, 'tenantd.conf');
  await writeFile(file, '# lanes\nTENANTD_LANES=many\nTENANTD_LANE=2\n');
  const { code, stderr } = await tenantd(['serve', '--embedded', '--config', file]);
  expect(code).toBe(2);
  expect(stderr).toContain(`"TENANTD_LANE" in "${file}" is no setting`);
  expect(stderr).toContain(
    '"TENANTD_LANES" must be 1 to 99, and is "many" in the file of --config',
  );
});

test('a state directory that cannot be written is named', async () => {
  const file = path.join(directory, 'a-file');
  await writeFile(file, '');
  for (const [place, why] of [
    [file, 'something that is no directory is in the way'],
    [path.join(file, 'below'), 'something that is no directory is in the way'],
    ...(process.platform === 'linux' ? [['/proc/nowhere/state', 'nothing can be made there']] : []),
  ]) {
    const { code, stderr } = await tenantd(['serve', '--embedded', '--state-dir', place ?? '']);
    expect(stderr).toMatch(/^error\[CONFIG_INVALID\]: "TENANTD_STATE_DIR" names .*\nhelp: /);
    expect(stderr).toContain(why);
    expect(code).toBe(2);
  }
});

test.for([
  [[], 'tenantd takes a command: serve or config'],
  [['frobnicate'], 'unknown command "frobnicate"'],
  [['serve', '--frobnicate'], 'unknown option "--frobnicate"'],
  [['serve', 'now'], 'too many arguments for "serve". Expected 0 arguments but got 1: now.'],
  [['serve', '--state-dir'], 'option "--state-dir <dir>" argument missing'],
] as const)('tenantd %j is a usage error', async ([words, sentence]) => {
  const { code, stdout, stderr } = await tenantd(words);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toBe(`error[USAGE]: ${sentence}\nhelp: See: tenantd --help\n`);
});

test('tenantd config shows every setting and where it came from, and no secret', async () => {
  const { code, stdout, stderr } = await tenantd(['config'], {
    ...given,
    TENANTD_STATE_DIR: 'some/state',
    TENANTD_LANES: 'x',
  });
  expect(code).toBe(2);
  expect(stdout).toMatch(/^MASTER_DATABASE_URL +environment +\[redacted\]$/m);
  expect(stdout).toMatch(/^TENANTD_ENCRYPTION_KEYS +environment +\[redacted\]$/m);
  expect(stdout).toMatch(/^TENANTD_LANES +environment +x$/m);
  expect(stdout).toMatch(/^TENANTD_LISTEN +default +unix:\/.*\/some\/state\/tenantd\.sock$/m);
  expect(stdout).toMatch(/^LOG_LEVEL +default +info$/m);
  expect(stdout).not.toContain('secret');
  expect(stderr).toContain('error[CONFIG_INVALID]: "TENANTD_LANES" must be 1 to 99');
  expect((await tenantd(['config'], given)).code).toBe(0);
});

test('a master that does not answer is waited for, and SIGTERM ends the wait with 0', async () => {
  const daemon = startTenantd(['serve', '--state-dir', state], given);
  await eventually(() =>
    expect(daemon.output()).toMatch(
      /"The master database cannot be reached at 127\.0\.0\.1:1: .*ECONNREFUSED.*; waiting for it"/,
    ),
  );
  daemon.process.kill('SIGTERM');
  const { code, stdout, stderr } = await daemon.ended;
  expect(code).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).not.toContain('secret');
  expect(stdout.trimEnd().split('\n').at(-1)).toContain('"msg":"stopped"');
});

/** `tenantd serve` on this master, which must end by itself: its exit code and the two lines it ends with. */
async function refusedBy(master: string, key = testKey) {
  const environment = { MASTER_DATABASE_URL: master, TENANTD_ENCRYPTION_KEYS: key };
  return tenantd(['serve', '--state-dir', path.join(directory, 'refused')], environment);
}

test('a master that refuses the daemon is said with what to change', async () => {
  const database = await postgres.createDatabase();
  await withSuperuser(postgres, 'postgres', async (client) => {
    await client.query(`CREATE ROLE powerless LOGIN PASSWORD 'powerless'`);
    await client.query(`ALTER DATABASE ${database} OWNER TO powerless`);
  });
  const as = (password: string, name = database) =>
    postgres.url(name, { user: 'powerless', password });

  expect(await refusedBy(as('powerless'))).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'error[PERMISSION_MISSING]: The role "powerless" may not do this: create databases and roles\n' +
      'help: As a superuser: ALTER ROLE "powerless" CREATEDB CREATEROLE\n',
  });
  expect(await refusedBy(as('wrong'))).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'error[PERMISSION_MISSING]: The role "powerless" may not do this: connect to the master database ' +
      '(password authentication failed for user "powerless")\n' +
      'help: Correct user and password in MASTER_DATABASE_URL.\n',
  });
  expect(await refusedBy(as('powerless', 'nowhere'))).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'error[DATABASE_MISSING]: The database "nowhere" does not exist on its server\n' +
      'help: Create it, or correct MASTER_DATABASE_URL.\n',
  });
  const tables = await withSuperuser(postgres, database, (client) =>
    client.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`),
  );
  expect(tables.rowCount).toBe(0);
});

test('a socket that another daemon holds, and keys that open nothing, are named', async () => {
  await using migrations = await sampleMigrations();
  const { masterUrl } = postgres;
  const daemon = await startDaemon({ masterUrl, migrations: migrations.directory });
  const { socket, stateDirectory } = daemon;
  const taken = `error[DAEMON_ALREADY_RUNNING]: A daemon already listens on "unix:${socket}"\n`;
  try {
    const again = await tenantd(['serve', '--state-dir', stateDirectory], given);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toBe(
      `${taken}help: Stop it first, or choose another --listen or --state-dir.\n`,
    );
    const elsewhere = ['serve', '--state-dir', state, '--listen', `unix:${socket}`, '--embedded'];
    expect((await tenantd(elsewhere)).stderr).toContain(taken);
    const run = (line: string) => tenantctl({ words: line.split(' '), daemon: socket });
    expect((await run('tenant create acme')).code).toBe(0);
    expect((await run('provision acme --wait')).code).toBe(0);
  } finally {
    await daemon.stop();
  }
  for (const [key, why] of [
    [testKey.replace(/=$/, '').replace('BwcH', 'AAAA') + '=', 'key "test" does not open it'],
    [`other:${Buffer.alloc(32, 9).toString('base64')}`, 'its key "test" is not configured'],
  ] as const) {
    const { code, stdout, stderr } = await refusedBy(masterUrl, key);
    expect(stderr).toMatch(
      /^error\[SECRET_UNREADABLE\]: The secret of ".*" cannot be decrypted: .*\n/,
    );
    expect(stderr).toContain(why);
    expect(stderr).toContain(
      'help: TENANTD_ENCRYPTION_KEYS must hold the key it was written with.',
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  }
});

test('what is no socket is not replaced', async () => {
  const file = path.join(directory, 'notes.txt');
  await writeFile(file, 'keep me');
  const { code, stderr } = await tenantd(['serve', '--listen', `unix:${file}`], given);
  expect(code).toBe(2);
  expect(stderr).toContain(`"TENANTD_LISTEN" names "${file}", which exists and is no socket`);
  const other = createServer().listen(path.join(directory, 'other.sock'));
  try {
    const words = ['serve', '--listen', `unix:${path.join(directory, 'other.sock')}`];
    expect((await tenantd(words, given)).stderr).toContain('error[DAEMON_ALREADY_RUNNING]');
  } finally {
    other.close();
  }
});
