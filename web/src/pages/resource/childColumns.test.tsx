import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { SourcedFacet } from '~/api/types';
import { aDisk } from '~/test/facets';
import { renderPlain } from '~/test/render';
import { aResource } from '~/test/resources';
import { CHILD_COLUMNS } from './childColumns';

it('a fact that no source told is the word unknown, and one that cannot be is nothing (D-9)', () => {
  renderPlain(
    <>
      <div data-testid="untold">{speedOf([link(null)])}</div>
      <div data-testid="told">{speedOf([link(10_000_000_000)])}</div>
      <div data-testid="impossible">{speedOf([])}</div>
    </>,
  );
  expect(screen.getByTestId('untold')).toHaveTextContent('unknown: No source has reported it.');
  expect(screen.getByTestId('told')).toHaveTextContent('10 Gbit/s');
  expect(screen.getByTestId('impossible')).toBeEmptyDOMElement();
});

it('tells a disk without risk from one whose verdict nobody has read', () => {
  const risk = CHILD_COLUMNS.physical_disk?.find(({ title }) => title === 'Risk');
  const of = (smart: 'passed' | 'unknown') =>
    risk?.cell(aResource({ id: 'd', facets: [{ ...aDisk({ smart }), source: 'proxmox:lab' }] }), {
      metrics: {},
      lastSeen: null,
    });
  renderPlain(
    <>
      <div data-testid="fit">{of('passed')}</div>
      <div data-testid="unread">{of('unknown')}</div>
    </>,
  );
  expect(screen.getByTestId('fit')).toHaveTextContent('none');
  expect(screen.getByTestId('unread')).toHaveTextContent('unknown');
});

function speedOf(facets: SourcedFacet[]) {
  const speed = CHILD_COLUMNS['network-endpoint']?.find(({ title }) => title === 'Speed');
  return speed?.cell(aResource({ id: 'network-endpoint-1', kind: 'network-endpoint', facets }), {
    metrics: {},
    lastSeen: null,
  });
}

function link(speedBitsPerSecond: number | null): SourcedFacet {
  return {
    facet: 'networkInterface',
    source: 'agent:local',
    name: 'eth0',
    interfaceKind: 'physical',
    up: true,
    addresses: [],
    macAddress: null,
    mtuBytes: null,
    master: null,
    speedBitsPerSecond,
  };
}
