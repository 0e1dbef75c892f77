// The zone in which times are written: the browser's, UTC, or any by its name.
import { TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import { isTimeZone } from '~/format/style';
import { usePreference } from './preferences';

/** Every zone that the browser knows, with the two that people choose first. */
const ZONES = ['local', 'UTC', ...Intl.supportedValuesOf('timeZone').filter(zone => zone !== 'UTC')];

const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function TimeZoneField() {
  const [timeZone, setTimeZone] = usePreference('timeZone');
  const [text, setText] = useState(timeZone);
  const list = useId();
  const known = text === 'local' || isTimeZone(text);
  return (
    <>
      <TextInput
        label="Time zone"
        description={`local (${ownZone()}), UTC, or a name such as Europe/Berlin`}
        list={list}
        value={text}
        error={known ? undefined : 'There is no zone of this name.'}
        onChange={event => {
          const zone = event.currentTarget.value.trim();
          setText(zone);
          if (zone === 'local' || isTimeZone(zone)) setTimeZone(zone);
        }}
      />
      <datalist id={list}>
        {ZONES.map(zone => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}
