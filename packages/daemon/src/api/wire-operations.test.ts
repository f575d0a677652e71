import { readFile } from 'node:fs/promises';
import * as daemon from '@tenantctl/core/wire/daemon-operations';
import * as runs from '@tenantctl/core/wire/migration-run-operations';
import * as databases from '@tenantctl/core/wire/tenant-database-operations';
import * as tenants from '@tenantctl/core/wire/tenant-operations';
import { buildSchema, type GraphQLSchema, parse, validate } from 'graphql';
import { beforeAll, expect, test } from 'vitest';

const operations = Object.entries({ ...daemon, ...runs, ...databases, ...tenants });

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = buildSchema(await readFile(new URL('schema.graphql', import.meta.url), 'utf8'));
});

test.each(operations)(
  '%s is valid against the schema, under the field it names',
  (_name, operation) => {
    const document = parse(operation.document);
    expect(validate(schema, document)).toEqual([]);
    const [definition] = document.definitions;
    expect(definition).toMatchObject({
      operation: operation.kind,
      selectionSet: { selections: [{ name: { value: operation.field } }] },
    });
  },
);
