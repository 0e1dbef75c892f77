import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { aDisk } from '~/test/facets';
import { LiveProvider } from '~/live/LiveContext';
import { LiveStore } from '~/live/store';
import { liveOver, renderPlain } from '~/test/render';
import { aResource } from '~/test/resources';
import { ResourceCard } from './ResourceCard';

it('shows of a physical disk what is known of most: its verdict and its risk', () => {
  const facet = aDisk({ smart: 'passed', risk: { level: 'monitor', reasons: [] } });
  renderPlain(
    <LiveProvider live={liveOver(new LiveStore())}>
      <ResourceCard
        resource={aResource({ id: 'disk', kind: 'physical_disk', facets: [{ ...facet, source: 'proxmox:lab' }] })}
        position={1}
        depth={0}
        opener={null}
        stale={false}
      />
    </LiveProvider>,
  );
  expect(screen.getByText('passed')).toBeVisible();
  // In the words of its page.
  expect(screen.getByText('Keep an eye on it')).toBeVisible();
});
