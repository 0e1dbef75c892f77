// What opens at the button of whoever is signed in.
import { Menu } from '@mantine/core';
import { IconAdjustments, IconKeyboard, IconLogout } from '@tabler/icons-react';
import { useSuspenseQuery } from '@tanstack/react-query';
import { sessionQuery } from '~/api/queries';
import { LaterMenu } from '~/components/LaterMenu';
import type { Opening } from '~/components/useOpener';
import { useSignOut } from './useSignOut';

export type AccountMenuProps = { onShowKeys: () => void; onShowPreferences: () => void };

export function AccountMenu({ onShowKeys, onShowPreferences, opening }: AccountMenuProps & { opening: Opening }) {
  const { data: session } = useSuspenseQuery(sessionQuery);
  const signOut = useSignOut();
  const user = session.user;
  return (
    <LaterMenu opening={opening} position="bottom-end" width={220}>
      {user && (
        <Menu.Label>
          {user.name}, {user.role}
        </Menu.Label>
      )}
      <Menu.Item leftSection={<IconAdjustments size={16} aria-hidden />} onClick={onShowPreferences}>
        Preferences
      </Menu.Item>
      <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={onShowKeys}>
        Keys
      </Menu.Item>
      <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
        Sign out
      </Menu.Item>
    </LaterMenu>
  );
}
