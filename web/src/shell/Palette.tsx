// The palette: type to find any resource, page or action; arrows choose, Enter goes.
import { Modal } from '@mantine/core';
import { useId, useState, type KeyboardEvent } from 'react';
import { usePaletteItems, type PaletteItem } from './usePaletteItems';
import classes from './Palette.module.css';

type Props = { onClose: () => void; onShowKeys: () => void };

export function Palette({ onClose, onShowKeys }: Props) {
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const list = useId();
  const items = usePaletteItems(query, onShowKeys);
  const choose = (item: PaletteItem | undefined) => {
    if (!item) return;
    onClose();
    item.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = items.length - 1;
    if (event.key === 'ArrowDown') setActive(Math.min(last, active + 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(0, active - 1));
    else if (event.key === 'Enter') choose(items[active]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size="lg"
      yOffset="10dvh"
      transitionProps={{ duration: 0 }}
      aria-label="Find"
    >
      <input
        className={classes.input}
        data-autofocus
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={items[active] && `${list}-${active}`}
        aria-label="Find a resource, page or action"
        placeholder="Find a resource, page or action"
        value={query}
        onChange={event => {
          setQuery(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={list} role="listbox" aria-label="Results" className={classes.list}>
        {items.map((item, index) => (
          <PaletteRow
            key={item.id}
            id={`${list}-${index}`}
            item={item}
            active={index === active}
            onChoose={() => {
              choose(item);
            }}
          />
        ))}
      </ul>
      {items.length === 0 && (
        <p className={classes.none}>Nothing has “{query}” in a name, address, serial number or id.</p>
      )}
    </Modal>
  );
}

type RowProps = { id: string; item: PaletteItem; active: boolean; onChoose: () => void };

function PaletteRow({ id, item, active, onChoose }: RowProps) {
  return (
    <li
      id={id}
      role="option"
      aria-selected={active}
      className={classes.row}
      ref={element => {
        if (active) element?.scrollIntoView({ block: 'nearest' });
      }}
      onClick={onChoose}
    >
      <span>{item.label}</span>
      <span className="dim">{item.note}</span>
    </li>
  );
}
