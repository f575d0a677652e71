/** Generates the Prisma client of the master database when its schema has changed. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const schema = path.join(root, 'prisma/master/schema.prisma');
const stamp = path.join(root, 'packages/core/src/infrastructure/prisma/generated/.schema.sha256');
const prisma = path.join(root, 'node_modules/prisma');

const wanted = createHash('sha256')
  .update(readFileSync(schema))
  .update(readFileSync(path.join(prisma, 'package.json')))
  .digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  const command = ['generate', '--config', 'prisma/master/prisma.config.ts', '--no-hints'];
  // Without it prisma downloads an engine that generating a client never runs. Any executable will do.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath };
  const cli = path.join(prisma, 'build/index.js');
  const { status } = spawnSync(process.execPath, [cli, ...command], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
  writeFileSync(stamp, wanted);
}
