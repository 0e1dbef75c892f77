// What the metrics history holds by resolution, what it costs, and what it will come to.
import type { ReactNode } from 'react';
import type { HistoryHealth, HistoryTier } from '~/api/types';
import { Facts } from '~/components/Facts';
import { Panel } from '~/components/Panel';
import { UnknownValue } from '~/components/Reading';
import { formatStep, formatTime } from '~/format/time';
import { formatBytes, formatCount } from '~/format/units';
import { TIER_NAME, TIER_STEP } from '~/strings/labels';
import { forecastBasis, FORECAST_UNKNOWN, keptSeconds, keptWords } from './retention';
import { RetentionForm } from './RetentionForm';
import classes from './System.module.css';

const TIERS = Object.keys(TIER_STEP) as HistoryTier[];
const FORECAST_UNSAID = 'The server does not say.';

export function HistoryCost({ history }: { history: HistoryHealth }) {
  const { forecast, retention, samplesPerDay, activeSeries, tiers } = history;
  const basis = forecastBasis(activeSeries, tiers);
  const foreseen = (words: string) => (activeSeries === 0 ? <UnknownValue why={FORECAST_UNKNOWN} /> : words);
  return (
    <Panel title="What the history costs">
      {basis && <p className={classes.estimate}>{basis}</p>}
      <Facts
        facts={[
          { term: 'Sampled now', value: `${formatCount(activeSeries)} series, ${formatCount(samplesPerDay)} a day` },
          { term: 'Written a day', value: foreseen(formatBytes(forecast.bytesPerDay)) },
          { term: 'After a year', value: foreseen(formatBytes(forecast.bytesAfterYear)) },
          {
            term: 'At rest',
            value: foreseen(`${formatBytes(forecast.bytesAtRest)}, once as much is deleted as is added`),
          },
        ]}
      />
      <TierTable history={history} foreseen={foreseen} />
      <RetentionForm retention={retention} foreseeable={activeSeries > 0} />
    </Panel>
  );
}

type TierTableProps = { history: HistoryHealth; foreseen: (words: string) => ReactNode };

function TierTable({ history: { tiers, retention, forecast }, foreseen }: TierTableProps) {
  return (
    <table className={`${classes.table} ${classes.tiers}`}>
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
              <td>{expected ? foreseen(formatBytes(expected.bytesPerDay)) : <UnknownValue why={FORECAST_UNSAID} />}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
