import type { Frame } from '../store/frame.ts';
import type { Theme } from '../theme/theme.ts';

export type ScreenProps = { readonly frame: Frame; readonly theme: Theme };
