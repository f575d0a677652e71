import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { Problem } from '@tenantctl/core/domain/errors';

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const isUnit = (text: string): text is keyof typeof unitMs => Object.hasOwn(unitMs, text);

/** `500ms`, `5s`, `10m`, `24h`, `7d` → milliseconds. */
const duration = z.string().transform((text, context) => {
  const [, digits = '', unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (isUnit(unit)) return Number(digits) * unitMs[unit];
  context.addIssue({
    code: 'custom',
    message: 'must be a duration such as 500ms, 5s, 10m, 24h or 7d',
  });
  return z.NEVER;
});
const durationOrOff = z.union([z.literal('off').transform(() => 0), duration]);
const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no'], 'must be true or false')
  .transform((text) => ['true', '1', 'yes'].includes(text));
const postgresUrl = z
  .string()
  .refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), {
    message:
      'must be a URL like postgresql://user:password@host:5432/database, with special characters percent-encoded',
  });
const listen = z
  .string()
  .regex(
    /^unix:\/.+$/,
    'must be unix:/path (TCP needs API tokens, which this version does not have)',
  );
const keys = z.string().regex(/^[\w.-]+:[A-Za-z0-9+/=]{44}(,[\w.-]+:[A-Za-z0-9+/=]{44})*$/, {
  message: 'must be kid:base64 of 32 bytes, newest first, separated by commas',
});

/** Relative to where the daemon is started. */
const place = z.string().transform((text) => path.resolve(text));

type Setting<T> = {
  readonly schema: z.ZodType<T, string>;
  /** Written as it would be in the environment; absent: the setting is optional. */
  readonly default?: string;
  readonly sentence: string;
  readonly secret?: true;
};
const setting = <T>(
  schema: z.ZodType<T, string>,
  sentence: string,
  more: { readonly default?: string; readonly secret?: true } = {},
): Setting<T> => ({ schema, sentence, ...more });

const defaultStateDirectory =
  process.getuid?.() === 0 ? '/var/lib/tenantd' : path.join(homedir(), '.local/state/tenantd');

/** Every setting of the daemon: help, validation and `tenantd config` are read from this table. */
export const settings = {
  MASTER_DATABASE_URL: setting(
    postgresUrl,
    'The master database, as a role with CREATEDB and CREATEROLE. Not needed with --embedded.',
    { secret: true },
  ),
  TENANTD_STATE_DIR: setting(place, 'What the daemon keeps between its lives.', {
    default: defaultStateDirectory,
  }),
  TENANTD_LISTEN: setting(
    listen,
    'Where it listens; by default tenantd.sock in the state directory.',
  ),
  TENANTD_MIGRATIONS_DIR: setting(place, "The tenants' Prisma migrations folder.", {
    default: 'prisma/tenant/migrations',
  }),
  TENANTD_ENCRYPTION_KEYS: setting(keys, 'Keys for secrets at rest; --embedded makes one.', {
    secret: true,
  }),
  TENANTD_LANES: setting(
    z
      .string()
      .regex(/^([1-9]|[1-9]\d)$/, 'must be 1 to 99')
      .transform(Number),
    'In how many databases of one server a run works at once.',
    { default: '8' },
  ),
  TENANTD_LOCK_TIMEOUT: setting(duration, 'How long a migration waits for a lock.', {
    default: '5s',
  }),
  TENANTD_STATEMENT_TIMEOUT: setting(
    durationOrOff,
    'How long one statement of a migration may take.',
    {
      default: 'off',
    },
  ),
  TENANTD_OUTBOX_RETENTION: setting(duration, 'How long events are kept for clients that resume.', {
    default: '24h',
  }),
  TENANTD_NAME: setting(
    z.string().max(40, 'must be at most 40 characters long'),
    'The name of this environment, as the terminal shows it.',
    {
      default: 'local',
    },
  ),
  TENANTD_PROTECTED: setting(flag, 'Whether the terminal asks for everything to be typed out.', {
    default: 'false',
  }),
  LOG_LEVEL: setting(
    z.enum(
      ['trace', 'debug', 'info', 'warn', 'error'],
      'must be trace, debug, info, warn or error',
    ),
    'How much is logged; debug shows provisioning, migrations, repositories and events.',
    { default: 'info' },
  ),
  LOG_FORMAT: setting(
    z.enum(['json', 'pretty'], 'must be json or pretty'),
    'How log lines look; by default pretty in a terminal, json elsewhere.',
    { default: process.stdout.isTTY ? 'pretty' : 'json' },
  ),
} as const;

type Settings = typeof settings;
export type SettingName = keyof Settings;
/** Settings as they were given: text by name. */
export type Given = Partial<Record<SettingName, string | undefined>>;
type ValueOf<S> = S extends Setting<infer T> ? T : never;
type Value<N extends SettingName> = Settings[N] extends { readonly schema: unknown }
  ? ValueOf<Settings[N]>
  : never;

export type Origin = 'flag' | 'credential' | 'environment' | 'file' | 'default' | 'not set';
export type Config = { readonly [N in SettingName]: Value<N> | undefined } & {
  readonly TENANTD_STATE_DIR: string;
  readonly TENANTD_LISTEN: string;
  readonly TENANTD_MIGRATIONS_DIR: string;
  readonly TENANTD_LANES: number;
  readonly TENANTD_LOCK_TIMEOUT: number;
  readonly TENANTD_STATEMENT_TIMEOUT: number;
  readonly TENANTD_OUTBOX_RETENTION: number;
  readonly TENANTD_NAME: string;
  readonly TENANTD_PROTECTED: boolean;
  readonly LOG_LEVEL: string;
  readonly LOG_FORMAT: 'json' | 'pretty';
};
export type ReadSettings = {
  readonly config: Config;
  readonly faults: readonly Problem[];
  /** A line per setting: where its value came from, the value as text, secrets hidden. */
  readonly shown: readonly {
    readonly name: SettingName;
    readonly origin: Origin;
    readonly value: string;
  }[];
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of that very table
export const settingNames = Object.keys(settings) as SettingName[];

type Sources = {
  readonly flags: Given;
  readonly environment: NodeJS.ProcessEnv;
  readonly file?: string | undefined;
};

/** Reads every setting from its sources and collects all faults, instead of stopping at the first. */
export function readSettings({ flags, environment, file }: Sources): ReadSettings {
  const faults: Problem[] = [];
  const fromFile = file === undefined ? {} : readFile(file, faults);
  const credentials = environment['CREDENTIALS_DIRECTORY'];
  const values: Record<string, unknown> = {};
  const shown = settingNames.map((name) => {
    const { origin, text } = find(name, [
      ['flag', flags[name]],
      ['credential', credentials === undefined ? undefined : readCredential(credentials, name)],
      ['environment', environment[name]],
      ['file', fromFile[name]],
      ['default', defaultOf(name, values)],
    ]);
    if (text !== undefined) values[name] = parse({ name, origin, text }, faults);
    const value = text === undefined || !isSecret(name) ? (text ?? '') : '[redacted]';
    return { name, origin, value };
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whole unless there are faults
  return { config: values as Config, faults, shown };
}

/** The socket is in the state directory, which stands before it in the table, unless told otherwise. */
function defaultOf(name: SettingName, values: Readonly<Record<string, unknown>>) {
  if (name !== 'TENANTD_LISTEN') return (settings[name] as Setting<unknown>).default;
  return `unix:${String(values['TENANTD_STATE_DIR'])}/tenantd.sock`;
}

const isSecret = (name: SettingName) => (settings[name] as Setting<unknown>).secret === true;

function find(name: SettingName, sources: readonly (readonly [Origin, string | undefined])[]) {
  const [origin, text] = sources.find(([, value]) => value !== undefined && value !== '') ?? [];
  return { name, origin: origin ?? ('not set' as const), text };
}

const placeOf: Readonly<Record<Origin, string>> = {
  flag: 'on the command line',
  credential: 'in the credentials directory',
  environment: 'in the environment',
  file: 'in the file of --config',
  default: 'by default',
  'not set': '',
};

type Found = { readonly name: SettingName; readonly origin: Origin; readonly text: string };

function parse({ name, origin, text }: Found, faults: Problem[]): unknown {
  const parsed = (settings[name] as Setting<unknown>).schema.safeParse(text);
  if (parsed.success) return parsed.data;
  const why = parsed.error.issues[0]?.message ?? 'is not valid';
  const value = isSecret(name) ? 'is something else' : `is ${JSON.stringify(text)}`;
  faults.push(
    new Problem('CONFIG_INVALID', name, {
      more: `${why}, and ${value} ${placeOf[origin]}`,
      help: settings[name].sentence,
    }),
  );
  return undefined;
}

function readCredential(directory: string, name: string): string | undefined {
  try {
    return readFileSync(path.join(directory, name), 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** A file of `NAME=value` lines; `#` starts a comment. */
function readFile(file: string, faults: Problem[]): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    faults.push(
      new Problem('CONFIG_INVALID', '--config', {
        more: `names "${file}", which cannot be read`,
        help: 'It is a file of NAME=value lines.',
        cause,
      }),
    );
    return {};
  }
  const lines = text.split('\n').map((line) => line.trim());
  const entries = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', ...rest] = line.split('=');
      return [
        name.trim(),
        rest
          .join('=')
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      ] as const;
    });
  for (const [name] of entries) {
    if (Object.hasOwn(settings, name)) continue;
    faults.push(
      new Problem('CONFIG_INVALID', name, {
        more: `in "${file}" is no setting`,
        help: 'List all settings with: tenantd config',
      }),
    );
  }
  return Object.fromEntries(entries);
}
