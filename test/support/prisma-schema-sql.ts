import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';

/**
 * The SQL that Prisma itself would write for a schema.prisma, from nothing. The engine is the WebAssembly
 * build of the one behind `prisma migrate`, so nothing has to be downloaded. It connects to the (empty)
 * database at `url` to ask for its version.
 */
export async function sqlOfSchema(schema: string, url: string): Promise<string> {
  const file = 'schema.prisma';
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url }));
  using engine = await SchemaEngine.new({ datamodels: [[file, schema]] }, () => {}, adapter);
  const { stdout } = await engine.diff({
    from: { tag: 'empty' },
    to: { tag: 'schemaDatamodel', files: [{ path: file, content: schema }] },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  if (!stdout) throw new Error('Prisma wrote no SQL');
  return stdout;
}
