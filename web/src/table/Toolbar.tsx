// What the table shows and how: hosts or all, groups, filters, columns, density, saved views, export.
import { ActionIcon, Button } from '@mantine/core';
import { IconBaselineDensityMedium, IconBaselineDensitySmall, IconDownload } from '@tabler/icons-react';
import { counted } from '~/format/units';
import type { Estate } from '~/live/estate';
import { usePreference } from '~/preferences/preferences';
import { SavedViews } from '~/views/SavedViews';
import { ColumnMenu } from './ColumnMenu';
import { Filters } from './Filters';
import { GroupMenu } from './GroupMenu';
import { ModeSwitch } from './ModeSwitch';
import type { TableSpec } from './spec';
import type { View, ViewSearch } from './view';
import classes from './Toolbar.module.css';

type Props = {
  spec: TableSpec;
  search: ViewSearch;
  view: View;
  resources: Estate['resources'];
  shown: number;
  onChange: (change: Partial<ViewSearch>) => void;
  onExport: () => void;
};

export function Toolbar({ spec, search, view, resources, shown, onChange, onExport }: Props) {
  return (
    <div className={classes.toolbar}>
      <h1 className={classes.title}>{spec.title}</h1>
      {spec.treeColumns && <ModeSwitch mode={view.mode} onChange={onChange} />}
      <Filters filter={view.filter} resources={resources} onChange={onChange} />
      <span className={classes.count}>{counted(shown, 'row', 'rows')}</span>
      <div className={classes.end}>
        <SavedViews page={spec.page} search={search} />
        <GroupMenu group={view.group} onChange={onChange} />
        <ColumnMenu columns={view.columns} onChange={onChange} />
        <DensitySwitch />
        <Button variant="default" size="xs" leftSection={<IconDownload size={15} aria-hidden />} onClick={onExport}>
          CSV
        </Button>
      </div>
    </div>
  );
}

function DensitySwitch() {
  const [density, setDensity] = usePreference('density');
  const compact = density === 'compact';
  const Density = compact ? IconBaselineDensitySmall : IconBaselineDensityMedium;
  const label = compact ? 'Comfortable rows' : 'Compact rows';
  return (
    <ActionIcon
      variant="default"
      size={30}
      aria-label={label}
      data-tip={label}
      onClick={() => {
        setDensity(compact ? 'comfortable' : 'compact');
      }}
    >
      <Density size={16} aria-hidden />
    </ActionIcon>
  );
}
