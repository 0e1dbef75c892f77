// Where the layout changes. The style sheets use the same width.
export const SMALL_SCREEN = '(max-width: 760px)';
