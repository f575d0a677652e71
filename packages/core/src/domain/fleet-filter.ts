import { Problem } from './errors.ts';
import { TenantDatabaseStatusEnum } from './tenant-database-status.ts';

/** What a filter looks at; a `TenantDatabaseViewModel` is one. */
export type FilterableRow = {
  readonly tenantId: string;
  readonly tenantSlug: string;
  readonly databaseName: string;
  readonly server: string;
  readonly status: string;
  readonly schemaVersion: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly updatedAt: Date;
  readonly tags?: Readonly<Record<string, string>> | undefined;
};

/** Does the filter let this row through at this moment? */
export type FleetPredicate = (row: FilterableRow, now: Date) => boolean;

/**
 * The filter language of list, run and screen: terms divided by spaces, all of which must hold.
 *
 *     status:failed,migrating   one of these statuses
 *     version:<20250301         also <= > >= and = ; without one, the version begins with it; `none`
 *     server:eu1,eu2            on one of these servers
 *     tag:tier=gold   tag:tier  the tenant's tag has this value; the tenant has the tag
 *     error:23505               in SQLSTATE, code or message
 *     age:>10m                  time since the record changed, in s m h d w; also < <= >=
 *     acme                      in slug, tenant id or database name
 *     -status:active   -acme    not so
 *     "two words"               a value with spaces or a colon in it
 *
 * Case does not matter. A version is compared as far as it is written, so 20250301_init is not `>20250301`;
 * no version is older than any. An empty text lets everything through. Throws `INVALID_INPUT` for a key or
 * a value that is not of the language.
 */
export function parseFleetFilter(text: string): FleetPredicate {
  const terms = termsOf(text).map(parseTerm);
  return (row, now) => terms.every((holds) => holds(row, now));
}

const parserOf: Readonly<Record<string, (value: string) => FleetPredicate>> = {
  status: statusTerm,
  version: versionTerm,
  server: serverTerm,
  tag: tagTerm,
  error: errorTerm,
  age: ageTerm,
};

/** The keys of the language, in the order in which help lists them. */
export const fleetFilterKeys: readonly string[] = Object.keys(parserOf);

/** Cuts at spaces outside of quotes. */
function termsOf(text: string): readonly string[] {
  const terms = text.match(/(?:[^\s"]|"[^"]*")+|"/g) ?? [];
  if (text.split('"').length % 2 === 0) throw refused(text, 'has a quote that is not closed');
  return terms;
}

function parseTerm(term: string): FleetPredicate {
  const wanted = term.replace(/^-+/, '');
  const positive = parsePositive(wanted);
  const negated = (term.length - wanted.length) % 2 === 1;
  return negated ? (row, now) => !positive(row, now) : positive;
}

function parsePositive(term: string): FleetPredicate {
  const [, key, rest] = /^([^":]*):(.*)$/s.exec(term) ?? [];
  if (key === undefined || rest === undefined) return textTerm(unquoted(term));
  const name = key.toLowerCase();
  const parser = Object.hasOwn(parserOf, name) ? parserOf[name] : undefined;
  if (parser === undefined) {
    throw refused(term, `has no known key; known are ${fleetFilterKeys.join(', ')}`);
  }
  const value = unquoted(rest);
  if (value === '') throw refused(term, 'has no value');
  return parser(value);
}

function textTerm(text: string): FleetPredicate {
  if (text === '') throw refused('-', 'has nothing to look for');
  return (row) => [row.tenantSlug, row.tenantId, row.databaseName].some(contains(text));
}

function statusTerm(value: string): FleetPredicate {
  const statuses = new Set<string>(
    listed(value).map((name) => {
      const status = TenantDatabaseStatusEnum.safeParse(name.toUpperCase());
      if (status.success) return status.data;
      const known = TenantDatabaseStatusEnum.options.join(', ').toLowerCase();
      throw refused(`status:${value}`, `names no status; known are ${known}`);
    }),
  );
  return (row) => statuses.has(row.status);
}

function serverTerm(value: string): FleetPredicate {
  const servers = new Set(listed(value));
  return (row) => servers.has(row.server.toLowerCase());
}

function tagTerm(value: string): FleetPredicate {
  const [key = '', ...rest] = value.toLowerCase().split('=');
  if (key === '') throw refused(`tag:${value}`, 'names no tag');
  const wanted = rest.length === 0 ? undefined : rest.join('=');
  return ({ tags = {} }) =>
    Object.entries(tags).some(
      ([name, tag]) =>
        name.toLowerCase() === key && (wanted === undefined || tag.toLowerCase() === wanted),
    );
}

function errorTerm(value: string): FleetPredicate {
  const holds = contains(value);
  return ({ errorCode, errorMessage }) => holds(errorCode ?? '') || holds(errorMessage ?? '');
}

function versionTerm(value: string): FleetPredicate {
  if (value.toLowerCase() === 'none') return ({ schemaVersion }) => schemaVersion === null;
  const { operator = '=', rest } = compared(value);
  if (rest === '') throw refused(`version:${value}`, 'has no version after the sign');
  const wanted = rest.toLowerCase();
  return ({ schemaVersion }) => {
    const version = schemaVersion?.toLowerCase().slice(0, wanted.length) ?? '';
    return compare[operator](version < wanted ? -1 : Number(version > wanted));
  };
}

const secondsIn = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const;

function ageTerm(value: string): FleetPredicate {
  const { operator, rest } = compared(value);
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(rest.toLowerCase()) ?? [];
  if (operator === undefined || operator === '=' || !isUnit(unit)) {
    throw refused(`age:${value}`, 'is not an age; write for example age:>10m or age:<2h');
  }
  const limitMs = Number(count) * secondsIn[unit] * 1_000;
  return ({ updatedAt }, now) => {
    const ageMs = now.getTime() - updatedAt.getTime();
    return compare[operator](Math.sign(ageMs - limitMs));
  };
}

function isUnit(unit: string | undefined): unit is keyof typeof secondsIn {
  return unit !== undefined && Object.hasOwn(secondsIn, unit);
}

/** What each sign says about a comparison that gave -1, 0 or 1. */
const compare = {
  '<': (sign: number) => sign < 0,
  '<=': (sign: number) => sign <= 0,
  '>': (sign: number) => sign > 0,
  '>=': (sign: number) => sign >= 0,
  '=': (sign: number) => sign === 0,
} as const;
type Operator = keyof typeof compare;

const operators: readonly Operator[] = ['<=', '>=', '<', '>', '='];

function compared(value: string): {
  readonly operator: Operator | undefined;
  readonly rest: string;
} {
  const operator = operators.find((sign) => value.startsWith(sign));
  return { operator, rest: value.slice(operator?.length ?? 0) };
}

function listed(value: string): readonly string[] {
  const names = value.toLowerCase().split(',');
  if (names.includes('')) throw refused(value, 'has an empty value between commas');
  return names;
}

function contains(part: string): (text: string) => boolean {
  const wanted = part.toLowerCase();
  return (text) => text.toLowerCase().includes(wanted);
}

function unquoted(text: string): string {
  return text.replaceAll('"', '');
}

function refused(term: string, why: string): Problem {
  return new Problem('INVALID_INPUT', term, {
    more: why,
    help: 'Filter for example by: status:failed version:<20250301 tag:tier=gold age:>10m acme',
    facts: { field: 'filter', keys: fleetFilterKeys },
  });
}
