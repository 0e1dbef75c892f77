// The sheet that `?` opens.
import { Kbd, Modal } from '@mantine/core';
import { CHART_KEYS } from '~/charts/keys';
import { PAGES } from './pages';
import classes from './KeySheet.module.css';

const KEYS: readonly { keys: readonly string[]; what: string }[] = [
  { keys: ['/'], what: 'Search' },
  { keys: ['Ctrl', 'K'], what: 'Find any resource, page or action' },
  { keys: ['?'], what: 'This sheet' },
  ...PAGES.map(({ key, title }) => ({ keys: ['g', key], what: `Go to ${title}` })),
  { keys: ['j', 'k'], what: 'Next and previous row of a table' },
  { keys: ['→', '←'], what: 'Open and close a row' },
  ...CHART_KEYS,
  { keys: ['Esc'], what: 'Close what is open' },
];

export function KeySheet({ onClose }: { onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title="Keys"
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <dl className={classes.keys}>
        {KEYS.map(({ keys, what }) => (
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
