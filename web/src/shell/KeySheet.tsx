// The sheet that `?` opens.
import { Kbd, Modal } from '@mantine/core';
import { CHART_KEYS } from '~/charts/keys';
import { usePages } from './usePages';
import classes from './KeySheet.module.css';

type Key = { keys: readonly string[]; what: string };

const SEARCHING: readonly Key[] = [
  { keys: ['/'], what: 'Search' },
  { keys: ['Ctrl', 'K'], what: 'Find any resource, page, view or action' },
  { keys: [','], what: 'Preferences' },
  { keys: ['?'], what: 'This sheet' },
];

const WITHIN: readonly Key[] = [
  { keys: ['j', 'k'], what: 'Next and previous row of a table' },
  { keys: ['→', '←'], what: 'Open and close a row' },
  ...CHART_KEYS,
  { keys: ['Esc'], what: 'Close what is open' },
];

export function KeySheet({ onClose }: { onClose: () => void }) {
  const jumps = usePages().map(({ key, title }): Key => ({ keys: ['g', key], what: `Go to ${title}` }));
  return (
    <Modal opened onClose={onClose} title="Keys">
      <dl className={classes.keys}>
        {[...SEARCHING, ...jumps, ...WITHIN].map(({ keys, what }) => (
          <div key={what}>
            <dt>
              {keys.map(key => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
