import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import {
  SchemaEngine,
  type DiagnoseMigrationHistoryOutput,
  type MigrationList,
} from '@prisma/schema-engine-wasm';

/** Migrations as Prisma's engine is given them. */
export type PrismaFiles = ReadonlyMap<string, string>;

const filters = { externalTables: [], externalEnums: [] };

/**
 * Prisma's own schema engine (its WebAssembly build) on one database: what `prisma migrate status`, `resolve` and
 * `deploy` ask it. It never gets a shadow database, so a diagnosis compares ledger and files only.
 */
export class PrismaSchemaEngine {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async diagnose(files: PrismaFiles): Promise<DiagnoseMigrationHistoryOutput> {
    return this.#with((engine) =>
      engine.diagnoseMigrationHistory({
        migrationsList: listOf(files),
        optInToShadowDatabase: false,
        filters,
      }),
    );
  }

  async apply(files: PrismaFiles): Promise<readonly string[]> {
    const applied = await this.#with((engine) =>
      engine.applyMigrations({ migrationsList: listOf(files), filters }),
    );
    return applied.appliedMigrationNames;
  }

  async markApplied(files: PrismaFiles, migrationName: string): Promise<void> {
    const migrationsList = listOf(files);
    await this.#with((engine) => engine.markMigrationApplied({ migrationName, migrationsList }));
  }

  async markRolledBack(migrationName: string): Promise<void> {
    await this.#with((engine) => engine.markMigrationRolledBack({ migrationName }));
  }

  async #with<T>(work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
    const file: [string, string] = [
      'schema.prisma',
      'datasource db {\n provider = "postgresql"\n}',
    ];
    // The engine never ends its session, which has Prisma's lock: the pool does, this long after its last statement.
    const idleTimeoutMillis = 300;
    const adapter = bindMigrationAwareSqlAdapterFactory(
      new PrismaPg({ connectionString: this.#url, idleTimeoutMillis }),
    );
    using engine = await SchemaEngine.new({ datamodels: [file] }, () => {}, adapter);
    return await work(engine);
  }
}

function listOf(files: PrismaFiles): MigrationList {
  return {
    baseDir: '/migrations',
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: [...files].map(([name, value]) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } },
    })),
  };
}
