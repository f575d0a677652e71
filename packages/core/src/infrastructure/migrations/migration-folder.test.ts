import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MigrationFolder, migrationOf } from './migration-folder.ts';

async function folderOf(files: Readonly<Record<string, string>>) {
  const directory = await mkdtemp(join(tmpdir(), 'tenantctl-migrations-'));
  const write = async (name: string, sql: string) => {
    await mkdir(join(directory, name), { recursive: true });
    await writeFile(join(directory, name, 'migration.sql'), sql);
  };
  for (const [name, sql] of Object.entries(files)) await write(name, sql);
  return {
    directory,
    write,
    folder: new MigrationFolder({ directory }),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const problem = (code: string, subject: string) => expect.objectContaining({ code, subject });

it('a folder is read in the order of names, each with the checksum of its bytes', async () => {
  await using world = await folderOf({ '20250101000000_b': 'b', '20250101_a': 'a\r\n' });
  const migrations = await world.folder.load();
  expect(migrations.map(({ name }) => name)).toEqual(['20250101_a', '20250101000000_b']);
  expect(migrations[0]?.checksum).toBe(sha256('a\r\n'));
});

it('LF and CRLF forms are accepted, and checksums of old versions without their zeros', () => {
  const lf = migrationOf('1_a', Buffer.from('a\nb\n'));
  const crlf = migrationOf('1_a', Buffer.from('a\r\nb\r\n'));
  expect(lf.acceptedChecksums).toContain(crlf.checksum);
  expect(crlf.acceptedChecksums).toContain(lf.checksum);
  const old = Buffer.from(sha256('a\nb\n'), 'hex').reduce(
    (all, byte) => all + byte.toString(16),
    '',
  );
  expect(lf.acceptedChecksums).toContain(old);
  expect(lf.acceptedChecksums).not.toContain(sha256('a\nb'));
});

it('what has not changed is not read again', async () => {
  await using world = await folderOf({ '1_a': 'a', '2_b': 'b' });
  const first = await world.folder.load();
  expect(await world.folder.load()).toBe(first);
  await world.write('3_c', 'c');
  const second = await world.folder.load();
  expect(second.map(({ name }) => name)).toEqual(['1_a', '2_b', '3_c']);
  expect(second[0]).toBe(first[0]);
});

it('an edit is seen even when size and modification time stay the same', async () => {
  await using world = await folderOf({ '1_a': 'aaa' });
  const file = join(world.directory, '1_a', 'migration.sql');
  const then = new Date('2026-01-01T00:00:00Z');
  await utimes(file, then, then);
  const [before] = await world.folder.load();
  await writeFile(file, 'bbb');
  await utimes(file, then, then);
  const [after] = await world.folder.load();
  expect([before?.checksum, after?.checksum]).toEqual([sha256('aaa'), sha256('bbb')]);
});

it('a migration that is removed is gone', async () => {
  await using world = await folderOf({ '1_a': 'a', '2_b': 'b' });
  await world.folder.load();
  await rm(join(world.directory, '2_b'), { recursive: true });
  expect(await world.folder.load()).toHaveLength(1);
});

it('a folder that is missing, empty or lacks a file is a problem of that name', async () => {
  await using world = await folderOf({});
  const missing = join(world.directory, 'nowhere');
  await expect(new MigrationFolder({ directory: missing }).load()).rejects.toThrow(
    problem('MIGRATIONS_DIR_MISSING', missing),
  );
  await expect(world.folder.load()).rejects.toThrow(
    problem('MIGRATIONS_DIR_EMPTY', world.directory),
  );
  await mkdir(join(world.directory, '1_a'));
  await expect(world.folder.load()).rejects.toThrow(problem('MIGRATION_FILE_MISSING', '1_a'));
});

it('migrations for another database than PostgreSQL are refused', async () => {
  await using world = await folderOf({ '1_a': 'a' });
  const lock = join(world.directory, 'migration_lock.toml');
  await writeFile(lock, '# comment\nprovider = "mysql"\n');
  await expect(world.folder.load()).rejects.toThrow(/written for "mysql"/);
  await writeFile(lock, 'provider = "postgresql"\n');
  expect(await world.folder.load()).toHaveLength(1);
});

it('a file that is not UTF-8 is refused when it is to run, not before', () => {
  const migration = migrationOf('1_a', Buffer.from([0x2d, 0x2d, 0xff]));
  expect(migration.checksum).toHaveLength(64);
  expect(() => migration.script()).toThrow(problem('MIGRATION_REFUSED', '1_a'));
});
