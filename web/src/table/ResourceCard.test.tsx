import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { aDisk } from '~/test/facets';
import { renderPlain } from '~/test/render';
import { aResource } from '~/test/resources';
import { ResourceCard } from './ResourceCard';

it('shows of a physical disk what is known of most: its verdict and its risk', () => {
  const facet = aDisk({ smart: 'passed', risk: { level: 'monitor', reasons: [] } });
  renderPlain(
    <ResourceCard
      resource={aResource({ id: 'disk', kind: 'physical_disk', facets: [{ ...facet, source: 'proxmox:lab' }] })}
      readings={{ metrics: {}, lastSeen: null }}
      position={1}
      depth={0}
      opener={null}
      stale={false}
    />,
  );
  expect(screen.getByText('passed')).toBeVisible();
  // In the words of its page.
  expect(screen.getByText('Keep an eye on it')).toBeVisible();
});
