/** What a terminal is switched to while the screen is up, and back. */
const AUTOWRAP_OFF = '\u001b[?7l';
const AUTOWRAP_ON = '\u001b[?7h';
const PASTE_MARKS_ON = '\u001b[?2004h';
const PASTE_MARKS_OFF = '\u001b[?2004l';
const CURSOR_ON = '\u001b[?25h';
const RESET_STYLES = '\u001b[0m';
export const HOME_AND_CLEAR = '\u001b[2J\u001b[H';

type TerminalOutput = { readonly write: (text: string) => unknown };

/**
 * Marks pastes and stops lines from wrapping: a frame that is wider than a terminal which has just become
 * narrower would otherwise push every line down. The returned function puts both back, once, and is also
 * called when the process ends in any way that lets it.
 */
export function enterModes(stdout: TerminalOutput): () => void {
  stdout.write(AUTOWRAP_OFF + PASTE_MARKS_ON);
  let entered = true;
  const restore = (): void => {
    if (!entered) return;
    entered = false;
    process.off('exit', restore);
    try {
      stdout.write(PASTE_MARKS_OFF + AUTOWRAP_ON + CURSOR_ON + RESET_STYLES);
    } catch {
      // The terminal itself is gone.
    }
  };
  process.on('exit', restore);
  return restore;
}

/** The escape that puts `text` into the clipboard of the terminal, over SSH too (OSC 52). */
export const clipboardEscape = (text: string): string =>
  `\u001b]52;c;${Buffer.from(text, 'utf8').toString('base64')}\u0007`;
