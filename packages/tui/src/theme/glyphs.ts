/** Every character of the screen that is not a letter: one cell wide each, no emoji. */
export type Glyphs = {
  readonly failed: string;
  readonly migrating: string;
  readonly provisioning: string;
  readonly suspended: string;
  readonly active: string;
  readonly noDatabase: string;
  readonly cursor: string;
  readonly mark: string;
  readonly arrow: string;
  readonly descending: string;
  readonly ascending: string;
  readonly live: string;
  readonly stale: string;
  readonly rule: string;
  readonly dot: string;
  readonly ellipsis: string;
  readonly caret: string;
  readonly dash: string;
  /** Parts of a progress bar: empty, then eighths up to full. */
  readonly bar: readonly string[];
  readonly box: 'single' | 'classic';
};

export const unicodeGlyphs: Glyphs = {
  failed: '✗',
  migrating: '↻',
  provisioning: '◐',
  suspended: '■',
  active: '●',
  noDatabase: '○',
  cursor: '▸',
  mark: '✓',
  arrow: '→',
  descending: '▾',
  ascending: '▴',
  live: '●',
  stale: '◌',
  rule: '│',
  dot: '·',
  ellipsis: '…',
  caret: '▏',
  dash: '—',
  bar: ['░', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
  box: 'single',
};

/** For terminals and fonts that show nothing else (`--ascii`). */
export const asciiGlyphs: Glyphs = {
  failed: 'x',
  migrating: '>',
  provisioning: '+',
  suspended: '=',
  active: 'o',
  noDatabase: '.',
  cursor: '>',
  mark: '*',
  arrow: '>',
  descending: 'v',
  ascending: '^',
  live: 'o',
  stale: '?',
  rule: '|',
  dot: '-',
  ellipsis: '~',
  caret: '_',
  dash: '-',
  bar: ['.', '#'],
  box: 'classic',
};
