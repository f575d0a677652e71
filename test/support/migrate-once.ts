import { FolderMigrator } from '@tenantctl/core/infrastructure/migrations/folder-migrator';
import { Client } from 'pg';

// A process that migrates one database and prints the outcome:
//   node --conditions=source migrate-once.ts <url of the database> <migrations directory>

const [, , url = '', migrationsDirectory = ''] = process.argv;

async function openSession({ applicationName }: { applicationName: string }): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: applicationName,
    options: '-c client_connection_check_interval=1s',
  });
  await client.connect();
  return client;
}

const migrator = new FolderMigrator({
  migrationsDirectory,
  openSession,
  openAdminSession: openSession,
});
const target = { server: 'local', databaseName: new URL(url).pathname.slice(1), workId: 'once' };
// oxlint-disable-next-line no-console -- its answer
console.log(JSON.stringify(await migrator.migrate(target, { onPending: async () => {} })));
