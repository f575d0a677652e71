import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Builds what is not current. The daemon runs from source in tests; the terminal cannot, because Node strips
 * types but no JSX.
 */
export function setup(): void {
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  const programs = ['packages/daemon', 'packages/tui'];
  const done = spawnSync(process.execPath, [compiler, '-b', ...programs], {
    cwd: root,
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`the programs do not build:\n${done.stdout}`);
}
