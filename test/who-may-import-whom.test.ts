import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ICruiseResult } from 'dependency-cruiser';
import { expect, onTestFinished, test } from 'vitest';

const root = path.dirname(import.meta.dirname);

/** Cruises the packages of a workspace with this repository's rules. */
async function cruise(workspace: string) {
  const cruiser = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const config = path.join(root, '.dependency-cruiser.mjs');
  const args = [cruiser, 'packages', '--config', config, '--output-type', 'json'];
  const stdout = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: workspace, maxBuffer: 2 ** 28 }, (_failed, output) =>
      resolve(output),
    );
  });
  const result = JSON.parse(stdout) as ICruiseResult;
  return result.summary;
}

/** A workspace of three packages with these files, linked as pnpm links them. */
async function workspaceOf(files: Readonly<Record<string, string>>): Promise<string> {
  const workspace = await mkdtemp(path.join(tmpdir(), 'tenantctl-rooms-'));
  onTestFinished(() => rm(workspace, { recursive: true }));
  const packages = path.join(workspace, 'packages');
  for (const name of ['core', 'daemon', 'tui']) {
    const scope = path.join(packages, name, 'node_modules', '@tenantctl');
    await mkdir(scope, { recursive: true });
    const manifest = await readFile(path.join(root, 'packages', name, 'package.json'));
    await writeFile(path.join(packages, name, 'package.json'), manifest);
    if (name !== 'core') await symlink('../../../core', path.join(scope, 'core'));
  }
  for (const name of ['zod', 'pg']) {
    const installed = path.join(root, 'packages/core/node_modules', name);
    await symlink(installed, path.join(packages, 'core/node_modules', name));
  }
  for (const [file, text] of Object.entries(files)) {
    const target = path.join(packages, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  return workspace;
}

const exporting = 'export type Thing = { readonly name: string };\n';

/** Syntax that the cruiser's parser has to be helped with. */
const scope = `export async function scope() {\n  await using held = null;\n  return held;\n}\n`;

/** One file for each room, with nothing but legal imports. */
const rooms = {
  'core/src/domain/thing.ts': `import { z } from 'zod';\nexport const Thing = z.string();\n`,
  'core/src/application/view-models/view.ts': `import { Thing } from '../../domain/thing.ts';\nexport const View = Thing;\n`,
  'core/src/ports/port.ts': `import type { View } from '../application/view-models/view.ts';\nexport type Port = typeof View;\n`,
  'core/src/application/commands/command.ts': `import type { Port } from '../../ports/port.ts';\nexport type Command = Port;\n`,
  'core/src/infrastructure/adapter.ts': `import pg from 'pg';\nimport type { Port } from '../ports/port.ts';\nexport const adapter: Port = pg;\n`,
  'core/src/wire/message.ts': `import { View } from '../application/view-models/view.ts';\nexport const Message = View;\n`,
  'core/src/client/client.ts': `import net from 'node:net';\nimport { Message } from '../wire/message.ts';\nexport const client = [net, Message];\n`,
  'core/src/library/library.ts': `export { adapter } from '../infrastructure/adapter.ts';\n`,
  'daemon/src/compose.ts': `import { adapter } from '@tenantctl/core/infrastructure/adapter';\nexport const composed = adapter;\n`,
  'daemon/src/api/api.ts': `import type { Command } from '@tenantctl/core/application/commands/command';\nexport type Api = Command;\n`,
  'tui/src/screen.ts': `import { client } from '@tenantctl/core/client/client';\nexport const screen = client;\n`,
} as const;

/** A file, what it must not import, and the rule that says so. */
const violations = [
  ['core/src/domain/planted.ts', '../ports/port.ts', 'core/src/domain keeps to its neighbours'],
  ['core/src/domain/planted.ts', 'node:fs', 'core/src/domain does no I/O'],
  ['core/src/domain/planted.ts', 'pg', 'core/src/domain does no I/O'],
  [
    'core/src/application/view-models/planted.ts',
    '../../ports/port.ts',
    'core/src/application/view-models keeps to its neighbours',
  ],
  [
    'core/src/ports/planted.ts',
    '../application/commands/command.ts',
    'core/src/ports keeps to its neighbours',
  ],
  [
    'core/src/application/planted.ts',
    '../infrastructure/adapter.ts',
    'core/src/application keeps to its neighbours',
  ],
  ['core/src/application/planted.ts', 'pg', 'core/src/application does no I/O'],
  [
    'core/src/infrastructure/planted.ts',
    '../application/commands/command.ts',
    'core/src/infrastructure keeps to its neighbours',
  ],
  ['core/src/wire/planted.ts', '../ports/port.ts', 'core/src/wire keeps to its neighbours'],
  [
    'core/src/client/planted.ts',
    '../infrastructure/adapter.ts',
    'core/src/client keeps to its neighbours',
  ],
  [
    'daemon/src/api/planted.ts',
    '@tenantctl/core/infrastructure/adapter',
    'only compose.ts knows the adapters',
  ],
  [
    'daemon/src/planted.ts',
    '@tenantctl/core/client/client',
    'the daemon is neither a client nor a library user',
  ],
  ['tui/src/planted.tsx', '@tenantctl/core/ports/port', 'tui/src keeps to its neighbours'],
  [
    'tui/src/planted.tsx',
    '@tenantctl/core/infrastructure/adapter',
    'tui/src keeps to its neighbours',
  ],
  ['tui/src/planted.tsx', '../../daemon/src/compose.ts', 'tui/src keeps to its neighbours'],
  ['tui/src/planted.tsx', './missing.ts', 'everything resolves'],
] as const;

test('legal imports are let through', { timeout: 60_000 }, async () => {
  const { violations: found, totalCruised } = await cruise(await workspaceOf(rooms));
  expect(found).toEqual([]);
  expect(totalCruised).toBeGreaterThanOrEqual(Object.keys(rooms).length);
});

test(
  'each import across a border is refused, type-only ones too',
  { timeout: 60_000 },
  async () => {
    const planted = violations.map(([file, target], index) => {
      const name = file.replace('planted', `planted-${index}`);
      const keyword = index % 2 === 0 ? 'import type' : 'import';
      return {
        name,
        text: `${keyword} * as other from '${target}';\nexport type Other = typeof other;\n${scope}`,
      };
    });
    const workspace = await workspaceOf({
      ...rooms,
      ...Object.fromEntries(planted.map(({ name, text }) => [name, text])),
    });
    const { violations: found } = await cruise(workspace);
    const refused = planted.map(({ name }) =>
      found.filter(({ from }) => from === `packages/${name}`).map(({ rule }) => rule.name),
    );
    expect(refused).toEqual(violations.map(([, , rule]) => [rule]));
  },
);

test('a circle is refused', { timeout: 60_000 }, async () => {
  const workspace = await workspaceOf({
    ...rooms,
    'core/src/domain/left.ts': `import type { Thing } from './right.ts';\nexport type Left = Thing;\n`,
    'core/src/domain/right.ts': `import type { Left } from './left.ts';\nexport type Right = Left;\n${exporting}`,
  });
  const { violations: found } = await cruise(workspace);
  expect(found.map(({ rule }) => rule.name)).toContain('no cycles');
});

test('this repository keeps to the rules', { timeout: 60_000 }, async () => {
  const { violations: found, totalCruised } = await cruise(root);
  expect(found).toEqual([]);
  expect(totalCruised).toBeGreaterThan(20);
});
