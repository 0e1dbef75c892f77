// Who is signed in, and the way out.
import { ActionIcon, Menu } from '@mantine/core';
import { IconAdjustments, IconKeyboard, IconLogout, IconUserCircle } from '@tabler/icons-react';
import { useSuspenseQuery } from '@tanstack/react-query';
import { sessionQuery } from '~/api/queries';
import { useSignOut } from './useSignOut';

type Props = { onShowKeys: () => void; onShowPreferences: () => void };

export function UserMenu({ onShowKeys, onShowPreferences }: Props) {
  const { data: session } = useSuspenseQuery(sessionQuery);
  const signOut = useSignOut();
  const user = session.user;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Account">
          <IconUserCircle size={20} stroke={1.6} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
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
      </Menu.Dropdown>
    </Menu>
  );
}
