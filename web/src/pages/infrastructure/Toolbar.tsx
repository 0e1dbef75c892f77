// What the table shows and how: hosts or all, filters, columns, density, export.
import { ActionIcon, Button } from '@mantine/core';
import { IconBaselineDensityMedium, IconBaselineDensitySmall, IconDownload } from '@tabler/icons-react';
import type { Estate } from '~/live/estate';
import { usePreference } from '~/shell/preferences';
import { counted } from '~/format/units';
import { ColumnMenu } from './ColumnMenu';
import { Filters } from './Filters';
import { ModeSwitch } from './ModeSwitch';
import type { View, ViewSearch } from './view';
import classes from './Toolbar.module.css';

type Props = {
  view: View;
  resources: Estate['resources'];
  shown: number;
  onChange: (change: Partial<ViewSearch>) => void;
  onExport: () => void;
};

export function Toolbar({ view, resources, shown, onChange, onExport }: Props) {
  const [density, setDensity] = usePreference('density');
  const compact = density === 'compact';
  const Density = compact ? IconBaselineDensitySmall : IconBaselineDensityMedium;
  return (
    <div className={classes.toolbar}>
      <h1 className={classes.title}>Infrastructure</h1>
      <ModeSwitch mode={view.mode} onChange={onChange} />
      <Filters filter={view.filter} resources={resources} onChange={onChange} />
      <span className={classes.count}>{counted(shown, 'row', 'rows')}</span>
      <div className={classes.end}>
        <ColumnMenu columns={view.columns} onChange={onChange} />
        <ActionIcon
          variant="default"
          size={30}
          aria-label={compact ? 'Comfortable rows' : 'Compact rows'}
          data-tip={compact ? 'Comfortable rows' : 'Compact rows'}
          onClick={() => {
            setDensity(compact ? 'comfortable' : 'compact');
          }}
        >
          <Density size={16} aria-hidden />
        </ActionIcon>
        <Button variant="default" size="xs" leftSection={<IconDownload size={15} aria-hidden />} onClick={onExport}>
          CSV
        </Button>
      </div>
    </div>
  );
}
