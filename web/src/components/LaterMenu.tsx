// A menu at a button that was there before the code of the menu came (see `useOpener`).
import { Menu, type FloatingPosition } from '@mantine/core';
import type { ReactNode } from 'react';
import { AtButton, useOpeningProps } from './openingProps';
import type { Opening } from './useOpener';

type Props = { opening: Opening; position: FloatingPosition; width: number; children: ReactNode };

export function LaterMenu({ opening, position, width, children }: Props) {
  return (
    <Menu {...useOpeningProps(opening)} position={position} width={width}>
      <Menu.Target>
        <AtButton target={opening.target} />
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
