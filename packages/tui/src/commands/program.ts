import { Command, InvalidArgumentError } from 'commander';
import type { Terminal } from '../plain/terminal.ts';
import type { LoadedCommand } from './context.ts';
import { withGlobalOptions, withWait } from './global-options.ts';

/** Loads a command when it is called, so that no other one costs anything at start. */
export type Load = () => Promise<LoadedCommand>;

type Handlers = {
  /** Runs a loaded command with the options of `command`. */
  readonly run: (command: Command, load: Load) => Promise<void>;
  /** `tenantctl` without a command. `words` are what stood there instead of one. */
  readonly open: (command: Command, words: readonly string[]) => Promise<void>;
};

/** The whole command line. Its commands throw commander's errors and never exit. */
export function createProgram(
  version: string,
  { stdout, stderr }: Pick<Terminal, 'stdout' | 'stderr'>,
  handlers: Handlers,
): Command {
  const program = withGlobalOptions(new Command('tenantctl'))
    .description('Sees and steers the databases of a database-per-tenant SaaS.')
    .usage('[options] [command]')
    .version(version)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // Whoever catches the error says it, in the form of every other problem.
      outputError: () => undefined,
    });
  program
    .command('open', { isDefault: true, hidden: true })
    .argument('[words...]')
    .action((words: string[], _options: unknown, command: Command) =>
      handlers.open(command, words),
    );
  addReads(program, handlers);
  addTenants(program, handlers);
  addProvision(program, handlers);
  addMigrate(program, handlers);
  addRetry(program, handlers);
  addSuspendAndResume(program, handlers);
  addRuns(program, handlers);
  return program;
}

function addReads(program: Command, { run }: Handlers): void {
  program
    .command('list')
    .description('tenant databases, those that need attention first')
    .option('--filter <EXPR>', 'for example: status:failed,migrating version:<20250301 acme')
    .option('--sort <FIELD>', 'a column, or a field of the record; with - in front, descending')
    .option('--limit <N>', 'at most so many', positive)
    .action((options: { filter?: string; sort?: string; limit?: number }, command: Command) =>
      run(command, async () => {
        const { list } = await import('./list.ts');
        return list(options);
      }),
    );
  program
    .command('get')
    .description('one tenant database')
    .argument('<tenantId>', 'UUID or slug')
    .action((tenant: string, _options: unknown, command: Command) =>
      run(command, async () => {
        const { get } = await import('./get.ts');
        return (context) => get(context, tenant);
      }),
    );
  program
    .command('watch')
    .description('one line per change, until interrupted')
    .option('--filter <EXPR>', 'only these tenant databases')
    .action((options: { filter?: string }, command: Command) =>
      run(command, async () => {
        const { watch } = await import('./watch.ts');
        return watch(options);
      }),
    );
}

function addTenants(program: Command, { run }: Handlers): void {
  const tenant = program.command('tenant').description('tenants in the master database');
  tenant
    .command('create')
    .description('a tenant; it has no database until it is provisioned')
    .argument('<slug>')
    .option('--id <UUID>', 'its id; a new one unless given')
    .option('--name <N>', 'its name; the slug unless given')
    .option('--tag <k=v>', 'a tag; may be repeated', tag, {})
    .action(
      (
        slug: string,
        options: { id?: string; name?: string; tag: Record<string, string> },
        command: Command,
      ) =>
        run(command, async () => {
          const { tenantCreate } = await import('./tenant-create.ts');
          return (context) => tenantCreate(context, slug, options);
        }),
    );
  tenant
    .command('list')
    .description('tenants by slug')
    .option('--search <TEXT>', 'part of slug or name, or the id')
    .option('--without-database', 'only those that have none')
    .option('--limit <N>', 'at most so many', positive)
    .action(
      (options: { search?: string; withoutDatabase?: boolean; limit?: number }, command: Command) =>
        run(command, async () => {
          const { tenantList } = await import('./tenant-list.ts');
          return (context) => tenantList(context, options);
        }),
    );
}

function addProvision(program: Command, { run }: Handlers): void {
  withWait(program.command('provision'))
    .description('create the record and the database of a tenant')
    .argument('<tenantId>', 'UUID or slug')
    .argument('[databaseName]', 'tenant_<tenantId> unless given')
    .option('--server <S>', 'the server that shall hold it')
    .action(
      (
        tenant: string,
        databaseName: string | undefined,
        options: { server?: string },
        command: Command,
      ) =>
        run(command, async () => {
          const { provision } = await import('./provision.ts');
          return (context) => provision(context, { tenant, databaseName, ...options });
        }),
    );
}

function addMigrate(program: Command, { run }: Handlers): void {
  withWait(program.command('migrate'))
    .description('migrate one tenant, or with --all every ACTIVE one in a run')
    .argument('[tenantId]', 'UUID or slug')
    .option('--all', 'a run over the fleet')
    .option('--include-failed', 'with --all: also those whose migration failed before')
    .option('--to <VERSION>', 'with --all: the last migration to apply')
    .option('--reason <TEXT>', 'why, for the record')
    .action(
      (
        tenant: string | undefined,
        options: { all?: true; includeFailed?: true; to?: string; reason?: string },
        command: Command,
      ) =>
        run(command, async () => {
          const { migrate } = await import('./migrate.ts');
          return migrate(tenant, options);
        }),
    );
}

function addRetry(program: Command, { run }: Handlers): void {
  withWait(program.command('retry'))
    .description(
      'take up again what failed: for tenants, or with --run for the failed ones of a run',
    )
    .argument('[tenantId...]', 'UUIDs or slugs')
    .option('--run <R>', 'id or number of a run')
    .option('--cause <C>', 'with --run: only failures whose cause contains this')
    .option('--reason <TEXT>', 'why, for the record')
    .action(
      (
        tenants: string[],
        options: { run?: string; cause?: string; reason?: string },
        command: Command,
      ) =>
        run(command, async () => {
          const { retry } = await import('./retry.ts');
          return retry(tenants, options);
        }),
    );
}

function addSuspendAndResume(program: Command, { run }: Handlers): void {
  for (const [name, description] of [
    ['suspend', 'let nobody connect to the database of a tenant'],
    ['resume', 'let its users connect again'],
  ] as const) {
    withWait(program.command(name))
      .description(description)
      .argument('<tenantId>', 'UUID or slug')
      .option('--reason <TEXT>', 'why, for the record')
      .action((tenant: string, options: { reason?: string }, command: Command) =>
        run(command, async () => {
          const work = await import('./suspend-and-resume.ts');
          return (context) => work[name](context, tenant, options);
        }),
      );
  }
}

function addRuns(program: Command, { run }: Handlers): void {
  const runs = program.command('run').description('fleet migrations');
  runs
    .command('list')
    .description('the newest runs first')
    .option('--limit <N>', 'at most so many', positive, 20)
    .action((options: { limit: number }, command: Command) =>
      run(command, async () => {
        const { runList } = await import('./run-list.ts');
        return (context) => runList(context, options);
      }),
    );
  runs
    .command('get')
    .description('a run: counts, failures by cause, and the tenants that need attention')
    .argument('<runId>', 'id or number')
    .option('--limit <N>', 'at most so many tenants', positive, 20)
    .action((id: string, options: { limit: number }, command: Command) =>
      run(command, async () => {
        const { runGet } = await import('./run-get.ts');
        return (context) => runGet(context, id, options);
      }),
    );
  runs
    .command('watch')
    .description('follow a run to its end')
    .argument('<runId>', 'id or number')
    .action((id: string, _options: unknown, command: Command) =>
      run(command, async () => {
        const { runWatch } = await import('./run-watch.ts');
        return (context) => runWatch(context, id);
      }),
    );
}

function positive(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}

function tag(text: string, before: Record<string, string>): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) {
    throw new InvalidArgumentError('Write it as key=value.');
  }
  return { ...before, [key]: value };
}
