// The palette: type to find any resource, page, view or action; arrows choose, Enter goes.
import { Modal } from '@mantine/core';
import { Fragment, useId, useState, type KeyboardEvent } from 'react';
import { counted } from '~/format/units';
import { usePaletteItems, type PaletteItem } from './usePaletteItems';
import classes from './Palette.module.css';

type Props = { onClose: () => void; onShowKeys: () => void; onShowPreferences: () => void };

export function Palette({ onClose, ...shows }: Props) {
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const list = useId();
  const { items, total } = usePaletteItems(query, shows);
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
    <Modal opened onClose={onClose} withCloseButton={false} padding={0} size="lg" yOffset="10dvh" aria-label="Find">
      <input
        className={classes.input}
        data-autofocus
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={items[active] && `${list}-${active}`}
        aria-label="Find a resource, page, view or action"
        placeholder="Name, address, serial, number, tag, page or action"
        value={query}
        onChange={event => {
          setQuery(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={list} role="listbox" aria-label="Results" className={classes.list}>
        {items.map((item, index) => (
          <Fragment key={`${item.group} ${item.id}`}>
            {items[index - 1]?.group !== item.group && (
              <li role="presentation" className={classes.group}>
                {item.group}
              </li>
            )}
            <PaletteRow
              id={`${list}-${index}`}
              item={item}
              active={index === active}
              onChoose={() => {
                choose(item);
              }}
            />
          </Fragment>
        ))}
      </ul>
      <p className={items.length === 0 ? classes.none : 'visually-hidden'} role="status">
        {items.length === 0
          ? `Nothing has “${query}” in a name, address, serial number, tag or id.`
          : counted(total, 'resource found', 'resources found')}
      </p>
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
