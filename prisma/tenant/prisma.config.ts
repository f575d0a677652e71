import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: 'schema.prisma',
  migrations: { path: 'migrations' },
  // Prisma's env('DATABASE_URL') would also fail the commands that need no database.
  // oxlint-disable-next-line node/no-process-env -- this is where Prisma reads its settings
  datasource: { url: process.env['DATABASE_URL'] ?? '' },
});
