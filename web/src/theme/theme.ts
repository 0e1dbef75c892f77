// The component library in our own colours, sizes and fonts.
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const harbour: MantineColorsTuple = [
  '#eaf5f6',
  '#d3e8ea',
  '#a6d0d5',
  '#78b8c0',
  '#53a4ae',
  '#3d97a2',
  '#2b7d87',
  '#1b626b',
  '#15525a',
  '#0c4248',
];

/** What opens is there at once. */
const AT_ONCE = { transitionProps: { duration: 0 } };
const DIALOG = { ...AT_ONCE, closeButtonProps: { 'aria-label': 'Close' } };

export const theme = createTheme({
  colors: { harbour },
  primaryColor: 'harbour',
  primaryShade: 7,
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '18px' },
  defaultRadius: 'sm',
  radius: { sm: '6px' },
  components: {
    Button: { defaultProps: { fw: 500 } },
    Menu: { defaultProps: AT_ONCE },
    Popover: { defaultProps: AT_ONCE },
    Modal: { defaultProps: DIALOG },
    Drawer: { defaultProps: DIALOG },
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
});

const ours = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--dim)',
  '--mantine-color-placeholder': 'var(--dim)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--raised)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-error': 'var(--offline)',
};

/** The shades from which the library makes its dark backgrounds and borders. */
const oursDark = {
  ...ours,
  '--mantine-color-dark-4': 'var(--line-strong)',
  '--mantine-color-dark-5': 'var(--raised)',
  '--mantine-color-dark-6': 'var(--surface)',
};

export const variables: CSSVariablesResolver = () => ({ variables: {}, light: ours, dark: oursDark });
