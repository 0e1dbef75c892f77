// The same chart for many resources side by side, over one span of time.
import { NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { ChartBoard } from '~/charts/ChartBoard';
import { RangePicker } from '~/charts/RangePicker';
import { useSteering } from '~/charts/useSteering';
import { readWindow, type WindowSearch } from '~/charts/window';
import { Notice } from '~/components/Notice';
import { formatCount } from '~/format/units';
import { KIND } from '~/strings/labels';
import { useChoice } from './useChoice';
import { MOST_CHARTS, type ChartsSearch, type Choice } from './view';
import classes from './ChartsPage.module.css';

const route = getRouteApi('/app/charts');

export function ChartsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const choice = useChoice(search);
  const { range, until, from, to } = search;
  const span = useMemo<WindowSearch>(() => ({ range, until, from, to }), [range, until, from, to]);
  const window = useMemo(() => readWindow(span), [span]);
  const steering = useSteering(change => {
    void navigate({ search: before => ({ ...before, ...change(before) }), resetScroll: false });
  });
  const narrow = (change: Partial<ChartsSearch>) =>
    void navigate({ search: before => ({ ...before, ...change }), replace: true });
  const shown = useMemo(() => choice?.resources.slice(0, MOST_CHARTS) ?? [], [choice]);
  return (
    <div className={classes.page}>
      <div className={classes.bar}>
        <h1>Charts</h1>
        {choice && <Choices choice={choice} text={search.q ?? ''} onChange={narrow} />}
        <RangePicker
          search={span}
          window={window}
          onChange={next => void navigate({ search: before => ({ ...before, ...NO_SPAN, ...next }) })}
        />
      </div>
      {!choice && <Skeleton height={216} role="status" aria-label="Loading the charts" />}
      {choice && <TooMany count={choice.resources.length} />}
      {choice?.group && shown.length > 0 && (
        <ChartBoard
          key={`${choice.kind} ${choice.group.id}`}
          resources={shown}
          group={choice.group}
          window={window}
          steering={steering}
        />
      )}
      {choice && shown.length === 0 && <NoCharts filtered={search.q !== undefined} />}
    </div>
  );
}

const NO_SPAN = { range: undefined, until: undefined, from: undefined, to: undefined };

type ChoicesProps = { choice: Choice; text: string; onChange: (change: Partial<ChartsSearch>) => void };

function Choices({ choice, text, onChange }: ChoicesProps) {
  const { kinds, kind, groups, group } = choice;
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label="Kind"
        className={classes.choice}
        value={kind}
        data={kinds.map(value => ({ value, label: KIND[value].many }))}
        onChange={event => {
          onChange({ kind: event.currentTarget.value });
        }}
      />
      <NativeSelect
        size="xs"
        aria-label="Chart"
        className={classes.choice}
        value={group?.id ?? ''}
        data={groups.map(({ id, title }) => ({ value: id, label: title }))}
        onChange={event => {
          onChange({ chart: event.currentTarget.value });
        }}
      />
      <TextInput
        size="xs"
        type="search"
        aria-label="Filter by name"
        placeholder="Filter"
        className={classes.choice}
        value={text}
        onChange={event => {
          onChange({ q: event.currentTarget.value || undefined });
        }}
      />
    </>
  );
}

function TooMany({ count }: { count: number }) {
  if (count <= MOST_CHARTS) return null;
  return (
    <Notice kind="partial" compact title={`The first ${MOST_CHARTS} of ${formatCount(count)} are shown`}>
      Filter by name to see others.
    </Notice>
  );
}

function NoCharts({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <Notice kind="empty" title="No name passes the filter">
      <p>Write less of it, or choose another kind.</p>
    </Notice>
  ) : (
    <Notice kind="empty" title="Nothing is measured yet">
      <p>Charts appear here as soon as a source reports values.</p>
    </Notice>
  );
}
