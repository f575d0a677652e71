import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export type Process = { readonly parent: number; readonly commandLine: string };

/** A living process; undefined for one that is gone or only waits to be reaped. */
export function processOf(pid: number): Process | undefined {
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
}

function fromProc(pid: number): Process | undefined {
  const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in parentheses, which may itself hold blanks.
  const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  return commandLine === '' ? undefined : { parent, commandLine };
}

function fromPs(pid: number): Process | undefined {
  const line = execFileSync('ps', ['-ww', '-o', 'ppid=,command=', '-p', String(pid)]).toString();
  const { parent, commandLine } =
    /^\s*(?<parent>\d+)\s+(?<commandLine>.+)$/m.exec(line)?.groups ?? {};
  return parent && commandLine ? { parent: Number(parent), commandLine } : undefined;
}

/**
 * The process `pid` if it is the postmaster of this data directory. Its children name themselves
 * "postgres: <what>", so a pid that one of them has got is not taken for it.
 */
export function postmasterOf(dataDirectory: string, pid: number): Process | undefined {
  const found = processOf(pid);
  return found && `${found.commandLine} `.includes(`postgres -D ${dataDirectory} `)
    ? found
    : undefined;
}
