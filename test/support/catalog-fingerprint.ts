import pg from 'pg';

// Only what was made by migrations: no system schemas, and nothing that belongs to an extension.
const made = (catalog: string, oid: string) => `
  n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;
const madeTable = `${made('pg_class', 'c.oid')} AND ($1 OR c.relname <> '_prisma_migrations')`;

/** One query for each kind of object; `line` names the object first, so that sorting keeps it together. */
const queries = [
  `SELECT format('schema %I', n.nspname) AS line FROM pg_namespace n
   WHERE ${made('pg_namespace', 'n.oid')}`,

  `SELECT format('extension %I %s', extname, extversion) AS line FROM pg_extension`,

  `SELECT format('enum %s %s', t.oid::regtype,
            string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)) AS line
   FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_enum e ON e.enumtypid = t.oid
   WHERE ${made('pg_type', 't.oid')} GROUP BY t.oid`,

  `SELECT format('sequence %s %s start %s increment %s from %s to %s cache %s%s%s', c.oid::regclass,
            s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
            CASE WHEN s.seqcycle THEN ' cycle' END,
            (SELECT format(' owned by %s.%I', o.refobjid::regclass, a.attname)
             FROM pg_depend o JOIN pg_attribute a ON (a.attrelid, a.attnum) = (o.refobjid, o.refobjsubid)
             WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.deptype IN ('a', 'i'))) AS line
   FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE ${madeTable}`,

  `SELECT format('table %s%s%s%s', c.oid::regclass,
            CASE c.relpersistence WHEN 'u' THEN ' unlogged' END,
            CASE WHEN c.relrowsecurity THEN ' with row security' END,
            ' partition by ' || pg_get_partkeydef(c.oid)) AS line
   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p') AND ${madeTable}`,

  `SELECT format('column %s %s %I %s%s%s%s%s', c.oid::regclass,
            lpad((row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum))::text, 3, '0'), a.attname,
            format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attcollation <> t.typcollation THEN
              (SELECT format(' collate %I', collname) FROM pg_collation WHERE oid = a.attcollation) END,
            CASE WHEN a.attnotnull THEN ' not null' END,
            CASE a.attidentity WHEN 'a' THEN ' identity always' WHEN 'd' THEN ' identity by default' END,
            CASE a.attgenerated WHEN 's' THEN ' generated stored ' WHEN 'v' THEN ' generated virtual '
              ELSE ' default ' END || pg_get_expr(v.adbin, v.adrelid)) AS line
   FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_type t ON t.oid = a.atttypid
     LEFT JOIN pg_attrdef v ON (v.adrelid, v.adnum) = (a.attrelid, a.attnum)
   WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND ${madeTable}`,

  // A NOT NULL stands at its column; only one that is not validated has to be told here.
  `SELECT format('constraint %s %I %s', c.oid::regclass, o.conname, pg_get_constraintdef(o.oid)) AS line
   FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE (o.contype <> 'n' OR NOT o.convalidated) AND ${madeTable}`,

  `SELECT format('index %s %I %s%s%s', c.oid::regclass, x.relname, pg_get_indexdef(i.indexrelid),
            CASE WHEN NOT i.indisvalid THEN ' INVALID' END,
            CASE WHEN i.indisreplident THEN ' replica identity' END) AS line
   FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE ${madeTable}`,

  `SELECT format('function %s %s', p.oid::regprocedure, pg_get_functiondef(p.oid)) AS line
   FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
   WHERE p.prokind IN ('f', 'p', 'w') AND ${made('pg_proc', 'p.oid')}`,

  `SELECT format('trigger %s %I %s%s', c.oid::regclass, g.tgname, pg_get_triggerdef(g.oid),
            CASE g.tgenabled WHEN 'D' THEN ' DISABLED' WHEN 'A' THEN ' ALWAYS' WHEN 'R' THEN ' REPLICA' END) AS line
   FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE NOT g.tgisinternal AND ${madeTable}`,

  `SELECT format('%s %s %s', CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END,
            c.oid::regclass, pg_get_viewdef(c.oid)) AS line
   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('v', 'm') AND ${madeTable}`,
];

// A body of many lines becomes many lines, each of which still says whose it is.
function split(line: string): string[] {
  const [first = '', ...rest] = line.trimEnd().split('\n');
  const owner = first.split(' ').slice(0, 2).join(' ');
  return [first, ...rest.map((text) => `${owner} | ${text}`)];
}

type Options = {
  /** Prisma's own table, `_prisma_migrations`, too. Default false. */
  readonly ledger?: boolean;
};

/**
 * The schema of a database as a list of lines: the same for any two databases with the same schema, on
 * whatever server, and easy to read as a diff. Names instead of oids; no owners, privileges, sizes or rows.
 * Column positions count from 1 without the gaps that dropped columns leave.
 */
export async function catalogFingerprint(
  url: string,
  { ledger = false }: Options = {},
): Promise<string[]> {
  // With this search path every name is printed with its schema.
  const client = new pg.Client({ connectionString: url, options: '-c search_path=pg_catalog' });
  await client.connect();
  try {
    const lines: string[] = [];
    for (const query of queries) {
      const parameters = query.includes('$1') ? [ledger] : [];
      const found = await client.query<{ line: string }>(
        `SELECT line FROM (${query}) q ORDER BY line COLLATE "C"`,
        parameters,
      );
      lines.push(...found.rows.flatMap((row) => split(row.line)));
    }
    return lines;
  } finally {
    await client.end();
  }
}
