// Marks over a chart for what happened to the resource. Pointing at one tells, a press leads to the event; where several
// lie too close to be told apart, one mark lists them. The keyboard reaches them from the crosshair.
import { Menu } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useMemo, type ComponentProps, type CSSProperties } from 'react';
import { formatClock, formatTime } from '~/format/time';
import { useSmallScreen } from '~/theme/useSmallScreen';
import { PLOT } from './axes';
import { useChartPage } from './ChartPage';
import { clusterEvents, MARKS_APART, type EventCluster } from './clusters';
import type { ChartContent } from './options';
import classes from './EventMarks.module.css';

const MOST_TOLD = 6;
const MOST_LISTED = 50;

type Props = { content: ChartContent; height: number };

export function EventMarks({ content, height }: Props) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const apart = MARKS_APART[useSmallScreen() ? 'small' : 'large'];
  const clusters = useMemo(() => clusterEvents(content.events, content, width, apart), [content, width, apart]);
  // A custom property, which the type does not know.
  const place = { left: PLOT.left, right: PLOT.right, top: PLOT.top, '--plot-height': `${height}px` } as CSSProperties;
  return (
    <div ref={ref} className={classes.marks} style={place}>
      {(width > 0 ? clusters : []).map(cluster =>
        cluster.events.length === 1 ? (
          <SingleMark key={cluster.at} cluster={cluster} />
        ) : (
          <CrowdedMark key={cluster.at} cluster={cluster} />
        ),
      )}
    </div>
  );
}

function tipOf({ events }: EventCluster): string {
  const lines = events.slice(0, MOST_TOLD).map(({ at, text }) => `${formatTime(at)}\n${text}`);
  const more = events.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

/** Takes what a menu adds to the button that opens it, but for its looks. */
function Mark({ cluster, ...rest }: { cluster: EventCluster } & ComponentProps<'button'>) {
  const { length } = cluster.events;
  const name = length === 1 ? (cluster.events[0]?.text ?? '') : `${length} events`;
  return (
    <button
      type="button"
      aria-label={`${name}, ${formatTime(cluster.at)}`}
      data-tip={tipOf(cluster)}
      {...rest}
      tabIndex={-1}
      className={classes.mark}
      style={{ left: cluster.left }}
    >
      <span aria-hidden>{length === 1 ? '' : length}</span>
    </button>
  );
}

function SingleMark({ cluster }: { cluster: EventCluster }) {
  const { steering } = useChartPage();
  const [event] = cluster.events;
  return <Mark cluster={cluster} onClick={() => event && steering.onEvent?.(event.id)} />;
}

function CrowdedMark({ cluster }: { cluster: EventCluster }) {
  const { steering } = useChartPage();
  const listed = cluster.events.slice(-MOST_LISTED).toReversed();
  return (
    <Menu position="bottom" withinPortal>
      <Menu.Target>
        <Mark cluster={cluster} />
      </Menu.Target>
      <Menu.Dropdown className={classes.list}>
        <Menu.Label>
          {cluster.events.length > MOST_LISTED ? `The last ${MOST_LISTED} of ${cluster.events.length} events` : 'Go to'}
        </Menu.Label>
        {listed.map(({ id, at, text }) => (
          <Menu.Item key={id} onClick={() => steering.onEvent?.(id)}>
            <span className="dim">{formatClock(at)}</span> {text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
