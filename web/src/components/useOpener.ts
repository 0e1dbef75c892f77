// A button that opens something whose code is asked for when somebody comes near the button: nobody waits for the code of
// menus to see a table. The button stays the same element all along, so that it keeps the focus.
import { useId, useState, type ComponentType } from 'react';
import { fetched } from '~/api/fetched';
import { sayFailure } from '~/notices/toasts';

/** What opens, and where it stands. */
export type Opening = {
  id: string;
  target: HTMLElement;
  opened: boolean;
  onChange: (opened: boolean) => void;
};

type Opens<Props> = ComponentType<Props & { opening: Opening }>;

/**
 * Takes how to ask for the component that opens. Gives what the button needs, and once the code has come the component
 * and where it stands.
 */
export function useOpener<Props>(load: () => Promise<Opens<Props>>, popup: 'menu' | 'dialog') {
  const id = useId();
  const [target, setTarget] = useState<HTMLElement | null>(null);
  const [opened, setOpened] = useState(false);
  const [component, setComponent] = useState<Opens<Props> | null>(null);
  const askAhead = () => {
    // What does not come now is asked for again when it is needed, and missed then.
    load().catch(() => undefined);
  };
  const toggle = () => {
    // As it stands now: who clicks again while the code is on its way still wants it open.
    const next = !opened;
    fetched(load()).then(
      loaded => {
        setComponent(() => loaded);
        setOpened(next);
      },
      (error: unknown) => {
        sayFailure('This could not be opened.', error);
      },
    );
  };
  const button = {
    ref: setTarget,
    // As the library expects it: what opens is called by the name of its button.
    id: `${id}-target`,
    'aria-haspopup': popup,
    'aria-expanded': opened,
    ...(opened && { 'aria-controls': `${id}-dropdown` }),
    onClick: toggle,
    onPointerEnter: askAhead,
    onFocus: askAhead,
  } as const;
  const opening: Opening | null = component && target && { id, target, opened, onChange: setOpened };
  return { button, Opened: component, opening };
}
