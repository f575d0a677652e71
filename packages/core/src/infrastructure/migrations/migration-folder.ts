import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../domain/errors.ts';
import { compareMigrationNames, type PlannedMigration } from '../../domain/migration-plan.ts';
import { readScript, type Script } from './read-script.ts';

/** A migration folder of Prisma's, loaded. */
export type Migration = PlannedMigration & {
  /** The file, understood; throws `MIGRATION_REFUSED`. Only what is pending need be fit to run. */
  readonly script: () => Script;
};

/**
 * A migration from its folder's name and the bytes of its `migration.sql`. The checksum is the lower-case
 * hexadecimal SHA-256 of the bytes; LF and CRLF forms of the file match too, as Prisma has it.
 */
export function migrationOf(name: string, bytes: Uint8Array): Migration {
  const text = new TextDecoder('utf-8', { ignoreBOM: true });
  const sql = text.decode(bytes);
  const checksum = sha256(bytes);
  const forms = [sql.replaceAll('\r\n', '\n'), sql.replaceAll('\n', '\r\n')].map(sha256);
  let script: Script | undefined;
  return {
    name,
    checksum,
    acceptedChecksums: [...new Set([checksum, ...forms])].flatMap((form) => [form, unpadded(form)]),
    script: () => (script ??= readScript(name, readable(name, bytes, sql))),
  };
}

function readable(name: string, bytes: Uint8Array, sql: string): string {
  if (Buffer.from(sql, 'utf8').equals(bytes)) return sql;
  throw new Problem('MIGRATION_REFUSED', name, { more: 'migration.sql is not UTF-8' });
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Old versions of Prisma wrote each byte without its leading zero; such rows are still about. */
function unpadded(checksum: string): string {
  return checksum.replaceAll(/(..)/g, (pair) => (pair.startsWith('0') ? pair.slice(1) : pair));
}

type Loaded = { readonly version: string; readonly migration: Migration };

/** A Prisma migrations directory. A file is read again only when its size, inode or times have changed. */
export class MigrationFolder {
  readonly #directory: string;
  #loaded: ReadonlyMap<string, Loaded> = new Map();
  #sorted: readonly Migration[] = [];

  constructor({ directory }: { readonly directory: string }) {
    this.#directory = directory;
  }

  /**
   * The migrations in order. The same array as before when nothing has changed. Throws
   * `MIGRATIONS_DIR_MISSING`, `MIGRATIONS_DIR_EMPTY`, `MIGRATION_FILE_MISSING`, and `MIGRATION_REFUSED` for a lock
   * file that names another database than PostgreSQL.
   */
  async load(): Promise<readonly Migration[]> {
    const entries = await this.#entries();
    const next = new Map<string, Loaded>();
    for (const name of entries.folders) next.set(name, this.#read(name));
    const same =
      next.size === this.#loaded.size &&
      [...next].every(([name, { migration }]) => this.#loaded.get(name)?.migration === migration);
    if (same && next.size > 0) return this.#sorted;
    if (entries.lockFile) await this.#checkProvider();
    if (next.size === 0) throw new Problem('MIGRATIONS_DIR_EMPTY', this.#directory);
    this.#loaded = next;
    this.#sorted = [...next.values()]
      .map(({ migration }) => migration)
      .toSorted((a, b) => compareMigrationNames(a.name, b.name));
    return this.#sorted;
  }

  async #entries(): Promise<{ readonly folders: readonly string[]; readonly lockFile: boolean }> {
    try {
      const entries = await readdir(this.#directory, { withFileTypes: true });
      return {
        folders: entries
          .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
          .map(({ name }) => name),
        lockFile: entries.some(({ name }) => name === lockFile),
      };
    } catch (cause) {
      throw new Problem('MIGRATIONS_DIR_MISSING', this.#directory, { cause });
    }
  }

  // Synchronous on purpose: a hundred stats of cached inodes take less than their way through the thread pool.
  #read(name: string): Loaded {
    const file = join(this.#directory, name, 'migration.sql');
    const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) throw new Problem('MIGRATION_FILE_MISSING', name);
    const version = `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    const known = this.#loaded.get(name);
    if (known?.version === version) return known;
    return { version, migration: migrationOf(name, readFileSync(file)) };
  }

  async #checkProvider(): Promise<void> {
    const content = await readFile(join(this.#directory, lockFile), 'utf8');
    const provider = /^\s*provider\s*=\s*"([^"]*)"/m.exec(content)?.[1];
    if (provider === undefined || provider === 'postgresql' || provider === 'postgres') return;
    throw new Problem('MIGRATION_REFUSED', lockFile, {
      more: `the migrations are written for "${provider}", not for postgresql`,
    });
  }
}

const lockFile = 'migration_lock.toml';
