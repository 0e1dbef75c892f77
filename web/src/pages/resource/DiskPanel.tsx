// The condition of a physical disk: the risk with its reasons, what SMART says, and the pools that lie on it.
import type { FacetOf, Metric, Resource, SmartFacts } from '~/api/types';
import { Facts, type Fact } from '~/components/Facts';
import { orUnknown } from '~/components/orUnknown';
import { Panel } from '~/components/Panel';
import { Reading } from '~/components/Reading';
import { StatusMark } from '~/components/StatusMark';
import { metricLabel, metricUnit } from '~/format/metrics';
import { formatCount } from '~/format/units';
import type { RowReadings } from '~/live/estate';
import { RISK, TEMPERATURE } from '~/strings/condition';
import { SMART } from '~/strings/platform';
import { facetOf } from './facets';
import { PoolLinks } from './PoolLinks';
import classes from './ResourceView.module.css';

type Props = { resource: Resource; readings: RowReadings };
type Disk = FacetOf<'physicalDisk'>;

/** Figures that change all the time; counters that hardly ever do are facts of the disk. */
const FIGURES: readonly Metric[] = [
  'smart_temp',
  'smart_power_on_hours',
  'smart_power_cycles',
  'smart_unsafe_shutdowns',
];

export function DiskPanel({ resource, readings }: Props) {
  const disk = facetOf(resource, 'physicalDisk');
  if (!disk) return null;
  return (
    <Panel title="Condition">
      <Verdict disk={disk} />
      <h3 className={classes.sub}>What SMART says</h3>
      <div className={classes.wide}>
        <Facts facts={[...conditionFacts(disk), ...figures(readings)]} />
      </div>
      <h3 className={classes.sub}>Pools that lie on it</h3>
      <PoolLinks disk={resource} device={disk.device} />
    </Panel>
  );
}

/** What is known of a disk stays true while it sleeps. */
function Verdict({ disk }: { disk: Disk }) {
  return (
    <>
      <Judged disk={disk} />
      {disk.condition.standby && <p className={classes.note}>It sleeps: it was not woken to be asked.</p>}
    </>
  );
}

function Judged({ disk: { risk, smart } }: { disk: Disk }) {
  if (risk) {
    return (
      <>
        <StatusMark {...RISK[risk.level]} />
        <ul className={classes.reasons}>
          {risk.reasons.map(({ code, severity, summary }) => (
            <li key={code} data-severity={severity}>
              {summary}
            </li>
          ))}
        </ul>
      </>
    );
  }
  // Without its verdict the absence of reasons proves nothing.
  return smart === 'unknown' ? (
    <StatusMark status="unknown" text="Unknown: nobody has read its SMART verdict" />
  ) : (
    <StatusMark status="online" text="Nothing speaks against it" />
  );
}

const percent = (value: number) => `${formatCount(value)} %`;

function conditionFacts(disk: Disk): Fact[] {
  const { smart, condition } = disk;
  return [
    { term: 'Verdict', value: orUnknown(SMART[smart], word => word) },
    ...(disk.rotational === true ? [] : wearFacts(condition)),
    ...(disk.transport === 'nvme' ? nvmeFacts(condition) : ataFacts(condition)),
    { term: 'Temperature is', value: condition.temperature && TEMPERATURE[condition.temperature] },
  ];
}

/** A disk that spins does not wear out by being written. */
function wearFacts(condition: SmartFacts): Fact[] {
  return [
    { term: 'Life left', value: orUnknown(condition.lifeLeftPercent, percent) },
    { term: 'Endurance used', value: orUnknown(condition.percentageUsed, percent) },
  ];
}

/** What only such disks count; where another counts it all the same, it stands in the readings. */
function nvmeFacts(condition: SmartFacts): Fact[] {
  return [
    { term: 'Spare left', value: orUnknown(condition.availableSparePercent, percent) },
    { term: 'Media errors', value: orUnknown(condition.mediaErrors, formatCount) },
  ];
}

function ataFacts(condition: SmartFacts): Fact[] {
  return [
    { term: 'Pending sectors', value: orUnknown(condition.pendingSectors, formatCount) },
    { term: 'Uncorrectable', value: orUnknown(condition.offlineUncorrectable, formatCount) },
    { term: 'Reallocated', value: orUnknown(condition.reallocatedSectors, formatCount) },
    { term: 'CRC errors', value: orUnknown(condition.crcErrors, formatCount) },
  ];
}

function figures({ metrics, lastSeen }: RowReadings): Fact[] {
  return FIGURES.map(metric => ({
    term: metricLabel(metric, 'physical_disk'),
    value: orUnknown(metrics[metric], reading => (
      <Reading reading={reading} unit={metricUnit(metric)} seen={lastSeen} />
    )),
  }));
}
