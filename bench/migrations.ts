import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

const sample = path.resolve(import.meta.dirname, '../prisma/tenant/migrations');

export type NewMigration = {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
};

/** The daemon's migrations folder: the sample application's history, and one more each time one is released. */
export class Migrations {
  readonly directory: string;
  #made = 0;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(directory: string): Promise<Migrations> {
    await cp(sample, directory, { recursive: true });
    return new Migrations(directory);
  }

  /** How many there are in the folder. */
  async count(): Promise<number> {
    const entries = await readdir(this.directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).length;
  }

  /** The next migration, not on disk yet: a table, an index, a foreign key to a table that is there. */
  next(): NewMigration {
    this.#made += 1;
    const number = String(this.#made).padStart(4, '0');
    const table = `"bench_${number}"`;
    const sql = `-- CreateTable
CREATE TABLE ${table} (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "note" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bench_${number}_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "bench_${number}_order_id_idx" ON ${table}("order_id");

-- AddForeignKey
ALTER TABLE ${table} ADD CONSTRAINT "bench_${number}_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
`;
    const checksum = createHash('sha256').update(sql).digest('hex');
    return { name: `2099010100${number}_bench`, sql, checksum };
  }

  /** Makes it appear, whole: somebody may be reading the folder. */
  async release({ name, sql }: NewMigration): Promise<void> {
    const staged = `${this.directory}.${name}`;
    await mkdir(staged);
    await writeFile(path.join(staged, 'migration.sql'), sql);
    await rename(staged, path.join(this.directory, name));
  }
}
