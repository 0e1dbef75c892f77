// Which platform. A connection never changes it.
import { NativeSelect } from '@mantine/core';
import { PLATFORM, PLATFORMS } from './platform';
import { Step } from './Step';
import classes from './Connections.module.css';

export function PlatformStep({ platform }: { platform: string | undefined }) {
  return (
    <Step number={1} title="Platform">
      {platform === undefined ? (
        <NativeSelect label="Platform" name="platform" data={[...PLATFORMS]} />
      ) : (
        <p className={classes.note}>{PLATFORM[platform] ?? platform}. It stays what it is.</p>
      )}
    </Step>
  );
}
