// The configuration in force: each value and the place that it comes from.
import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { SettingInForce } from '~/api/types';
import { isGiven, shownValue } from './doctorText';
import classes from './System.module.css';

export function SettingTable({ settings }: { settings: readonly SettingInForce[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? settings : settings.filter(isGiven);
  return (
    <>
      <Checkbox
        className={classes.settingSwitch}
        size="xs"
        label="Show settings that have their default"
        checked={all}
        onChange={event => {
          setAll(event.currentTarget.checked);
        }}
      />
      {shown.length === 0 ? (
        <p className={classes.basis}>Every setting has its default.</p>
      ) : (
        <div className={classes.scrolled} role="region" aria-label="Settings" tabIndex={0}>
          <table className={classes.table}>
            <caption className="visually-hidden">Settings in force</caption>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                <th scope="col">Value</th>
                <th scope="col">From</th>
                <th scope="col" data-optional>
                  Changes with
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map(setting => (
                <tr key={setting.key}>
                  <th scope="row">{setting.key}</th>
                  <td>{shownValue(setting)}</td>
                  <td>{setting.origin}</td>
                  <td data-optional>{setting.reloadable ? 'a reload' : 'a restart'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
