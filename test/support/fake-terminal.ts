import { EventEmitter } from 'node:events';

/** A terminal's output of any size that only remembers: good for looking at whole frames. */
export class FakeTerminal extends EventEmitter {
  readonly isTTY = true;
  columns: number;
  rows: number;
  readonly writes: string[] = [];

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  readonly write = (text: string, written?: (() => void) | string): boolean => {
    this.writes.push(text);
    if (typeof written === 'function') queueMicrotask(written);
    return true;
  };

  /** The renderer in its debug mode writes every frame whole: the newest one. */
  get frame(): string {
    return this.writes.findLast((text) => text.trim() !== '' && !text.startsWith('\u001b[?')) ?? '';
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.emit('resize');
  }
}
