// Who is signed in, and the way out.
import { ActionIcon } from '@mantine/core';
import { IconUserCircle } from '@tabler/icons-react';
import { useOpener } from '~/components/useOpener';
import type { AccountMenuProps } from './AccountMenu';

const loadAccountMenu = async () => (await import('./AccountMenu')).AccountMenu;

export function UserMenu(props: AccountMenuProps) {
  const { button, Opened, opening } = useOpener(loadAccountMenu, 'menu');
  return (
    <>
      <ActionIcon {...button} variant="subtle" color="gray" size="lg" aria-label="Account">
        <IconUserCircle size={20} stroke={1.6} aria-hidden />
      </ActionIcon>
      {Opened && opening && <Opened {...props} opening={opening} />}
    </>
  );
}
