import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { eventually } from './support/eventually.ts';
import { openShopFleet, type ShopFleet } from './support/shop-fleet.ts';
import { openTerminal, type Terminal } from './support/tmux.ts';
import { openTui, rowsOf, terminalTest, tuiCommand } from './support/tui.ts';

let fleet: ShopFleet;

beforeAll(async () => {
  fleet = await openShopFleet({ shops: { acme: 'healthy', duff: 'healthy' } });
});

afterAll(() => fleet[Symbol.asyncDispose]());

const modes = '#{alternate_on} #{cursor_flag} #{wrap_flag}';

/** The one program that a shell runs right now. */
function childOf(pid: number): number {
  const processes = execFileSync('ps', ['-A', '-o', 'ppid=', '-o', 'pid=']).toString().split('\n');
  const child = processes.map((line) => line.trim().split(/ +/)).find(([of]) => of === `${pid}`);
  if (child?.[1] === undefined) throw new Error(`${pid} runs nothing`);
  return Number(child[1]);
}

const ends = [
  { how: 'q', code: 0, end: (terminal: Terminal) => terminal.keys('q') },
  { how: 'Ctrl-C', code: 0, end: (terminal: Terminal) => terminal.keys('C-c') },
  {
    how: 'SIGTERM',
    code: 143,
    end: async (terminal: Terminal) => void process.kill(childOf(await terminal.pid()), 'SIGTERM'),
  },
];

describe.each(ends)('left by $how', ({ code, end }) => {
  terminalTest('the shell finds its lines, its cursor and its echo as they were', async () => {
    await using terminal = await openTerminal({
      command: ['/bin/sh', '-i'],
      columns: 100,
      rows: 30,
    });
    await terminal.until((seen) => expect(seen).toBe('$'));
    await terminal.burst(
      'echo "what stood here before"; stty -a | grep -o -w -e "-*echo" -e "-*icanon"\r',
    );
    const before = await terminal.until((seen) => {
      expect(seen).toMatch(/\nwhat stood here before\n(.*\n)+\$$/);
      return seen;
    });
    expect(await terminal.ask(modes)).toBe('0 1 1');

    const words = tuiCommand(fleet.daemon.socket).map((word) => `'${word}'`);
    await terminal.burst(`${words.join(' ')}; echo "ended with $?"\r`);
    await terminal.until((seen) => expect(rowsOf(seen)).toHaveLength(2));
    expect(await terminal.ask(modes)).toBe('1 0 0');
    await end(terminal);
    await terminal.until((seen) => {
      expect(seen).toContain(`\nended with ${code}\n`);
      expect(seen.startsWith(before)).toBe(true);
      expect(seen).not.toContain('FAILED');
    });
    expect(await terminal.ask(modes)).toBe('0 1 1');
    await terminal.burst('stty -a | grep -o -w -e "-*echo" -e "-*icanon"\r');
    await terminal.until((seen) => expect(seen).toMatch(/\n(icanon\necho|echo\nicanon)\n\$$/));
    // Pastes are not marked any more, and what is typed can be read.
    await terminal.paste('echo pasted');
    await terminal.until((seen) => expect(seen).toMatch(/\n\$ echo pasted$/));
  });
});

terminalTest('a terminal that goes away takes the program along', async () => {
  const terminal = await openTui({ socket: fleet.daemon.socket });
  await terminal.until((seen) => expect(rowsOf(seen)).toHaveLength(2));
  const pid = await terminal.pid();
  await terminal[Symbol.asyncDispose]();
  await eventually(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
});
