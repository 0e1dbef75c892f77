// What the metrics history holds by resolution, what it costs, and what it will come to.
import type { HistoryHealth, HistoryTier } from '~/api/types';
import { Facts } from '~/components/Facts';
import { Panel } from '~/components/Panel';
import { formatStep, formatTime } from '~/format/time';
import { formatBytes, formatCount } from '~/format/units';
import { TIER_NAME, TIER_STEP } from '~/strings/labels';
import { forecastBasis, keptSeconds, keptWords } from './retention';
import { RetentionForm } from './RetentionForm';
import classes from './System.module.css';

const TIERS = Object.keys(TIER_STEP) as HistoryTier[];

export function HistoryCost({ history }: { history: HistoryHealth }) {
  const { forecast, retention, samplesPerDay, activeSeries, tiers } = history;
  const basis = forecastBasis(activeSeries, tiers);
  return (
    <Panel title="What the history costs">
      {basis && <p className={classes.basis}>{basis}</p>}
      <Facts
        facts={[
          { term: 'Sampled now', value: `${formatCount(activeSeries)} series, ${formatCount(samplesPerDay)} a day` },
          { term: 'Written a day', value: formatBytes(forecast.bytesPerDay) },
          { term: 'After a year', value: formatBytes(forecast.bytesAfterYear) },
          { term: 'At rest', value: `${formatBytes(forecast.bytesAtRest)}, once as much is deleted as is added` },
        ]}
      />
      <TierTable history={history} />
      <RetentionForm retention={retention} />
    </Panel>
  );
}

function TierTable({ history: { tiers, retention, forecast } }: { history: HistoryHealth }) {
  return (
    <table className={classes.table}>
      <caption className="visually-hidden">What is stored of each resolution</caption>
      <thead>
        <tr>
          <th scope="col">Resolution</th>
          <th scope="col">Kept</th>
          <th scope="col">Stored</th>
          <th scope="col" data-optional>
            Points
          </th>
          <th scope="col" data-optional>
            Oldest
          </th>
          <th scope="col">A day</th>
        </tr>
      </thead>
      <tbody>
        {TIERS.map(tier => {
          const stored = tiers.find(content => content.tier === tier && content.points > 0);
          const expected = forecast.tiers.find(content => content.tier === tier);
          return (
            <tr key={tier}>
              <th scope="row">{`${TIER_NAME[tier]} (${formatStep(TIER_STEP[tier])})`}</th>
              <td>{keptWords(keptSeconds(retention, tier))}</td>
              <td>{stored ? formatBytes(stored.bytes) : 'nothing yet'}</td>
              <td data-optional>{stored ? formatCount(stored.points) : 'nothing yet'}</td>
              <td data-optional>{stored?.oldest ? formatTime(Date.parse(stored.oldest)) : 'nothing yet'}</td>
              <td>{expected ? formatBytes(expected.bytesPerDay) : 'unknown'}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
