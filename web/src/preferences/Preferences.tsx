// How this browser shows things: colours, density, zone of times, units. Each takes effect at once.
import { Modal, NativeSelect, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { formatTime } from '~/format/time';
import { formatBytes } from '~/format/units';
import { useNow } from '~/time/useNow';
import { usePreference } from './preferences';
import { TimeZoneField } from './TimeZoneField';
import classes from './Preferences.module.css';

const SCHEMES: readonly { value: MantineColorScheme; label: string }[] = [
  { value: 'auto', label: 'As the system has them' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];
const DENSITIES = [
  { value: 'compact', label: 'Compact' },
  { value: 'comfortable', label: 'Comfortable' },
] as const;
const UNITS = [
  { value: 'binary', label: 'KiB, MiB, GiB: 1024 to the next' },
  { value: 'decimal', label: 'kB, MB, GB: 1000 to the next' },
] as const;
const AN_AMOUNT = 1_500_000_000;

export function Preferences({ onClose }: { onClose: () => void }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [density, setDensity] = usePreference('density');
  const [units, setUnits] = usePreference('units');
  return (
    <Modal opened onClose={onClose} title="Preferences">
      <div className={classes.fields}>
        <Choice label="Colours" value={colorScheme} choices={SCHEMES} onChange={setColorScheme} />
        <Choice label="Rows of tables" value={density} choices={DENSITIES} onChange={setDensity} />
        <TimeZoneField />
        <Choice label="Units of bytes" value={units} choices={UNITS} onChange={setUnits} />
        <Example />
        <p className="dim">These choices stay in this browser.</p>
      </div>
    </Modal>
  );
}

type ChoiceProps<Word extends string> = {
  label: string;
  value: Word;
  choices: readonly { value: Word; label: string }[];
  onChange: (word: Word) => void;
};

function Choice<Word extends string>({ label, value, choices, onChange }: ChoiceProps<Word>) {
  return (
    <NativeSelect
      label={label}
      value={value}
      data={choices.map(choice => ({ ...choice }))}
      onChange={event => {
        const chosen = choices.find(choice => choice.value === event.currentTarget.value);
        if (chosen) onChange(chosen.value);
      }}
    />
  );
}

/** What times and amounts look like as chosen. */
function Example() {
  const now = useNow();
  return (
    <p>
      {formatTime(now)}, {formatBytes(AN_AMOUNT)}
    </p>
  );
}
