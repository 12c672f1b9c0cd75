import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

/** The one accent; the sixth is that of the light page, the fourth that of the dark one. */
const accent: MantineColorsTuple = [
  '#e8f5fa',
  '#d3e8f1',
  '#a6d2e5',
  '#5bb8e0',
  '#3fa3ce',
  '#1f86b2',
  '#0b6e99',
  '#095f85',
  '#07516f',
  '#05425b',
];

/** Mantine chooses the letters on a filled button by the colour of the light page, for both. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colours = defaultVariantColorsResolver(input);
  const isAccent = (input.color ?? input.theme.primaryColor) === 'accent';
  return isAccent && input.variant === 'filled' ? { ...colours, color: 'var(--on-accent)' } : colours;
};

export const theme = createTheme({
  respectReducedMotion: true,
  colors: { accent },
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 3 },
  autoContrast: true,
  variantColorResolver,
  fontFamily: "'Inter Variable', 'Helvetica Neue', Arial, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '19px' },
  defaultRadius: 6,
  focusRing: 'auto',
  cursorType: 'pointer',
  components: { Button: { defaultProps: { fw: 500 } } },
});

/** Mantine's own variables follow those of the page. */
export const variables: CSSVariablesResolver = () => {
  const shared = {
    '--mantine-color-body': 'var(--bg)',
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--mute)',
    '--mantine-color-placeholder': 'var(--mute)',
    '--mantine-color-default': 'var(--panel)',
    '--mantine-color-default-hover': 'var(--hover)',
    '--mantine-color-default-border': 'var(--edge)',
    '--mantine-color-anchor': 'var(--accent)',
  };
  return { variables: {}, light: shared, dark: shared };
};
