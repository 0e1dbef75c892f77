// Goes through the colour schemes: as the system has it, light, dark.
import { ActionIcon, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun, type TablerIcon } from '@tabler/icons-react';

const STEP: Record<MantineColorScheme, { icon: TablerIcon; name: string; next: MantineColorScheme }> = {
  auto: { icon: IconDeviceDesktop, name: 'as the system has it', next: 'light' },
  light: { icon: IconSun, name: 'light', next: 'dark' },
  dark: { icon: IconMoon, name: 'dark', next: 'auto' },
};

export function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { icon: Icon, name, next } = STEP[colorScheme];
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={`Colours: ${name}. Change to ${STEP[next].name}`}
      data-tip={`Colours: ${name}`}
      onClick={() => {
        setColorScheme(next);
      }}
    >
      <Icon size={18} stroke={1.6} aria-hidden />
    </ActionIcon>
  );
}
