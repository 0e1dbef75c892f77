// Asks what another retention would come to. Asking changes nothing; the retention is set where the server is set up.
import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { retentionProposalQuery } from '~/api/queries';
import type { HistoryRetention, HistoryTier, RetentionProposal } from '~/api/types';
import { formField } from '~/components/formField';
import { ProblemNotice } from '~/components/ProblemNotice';
import { formatBytes } from '~/format/units';
import { TIER_NAME, TIER_STEP } from '~/strings/labels';
import {
  FORECAST_UNKNOWN,
  keptSeconds,
  keptText,
  retentionMistakes,
  retentionQuestion,
  type RetentionQuestion,
} from './retention';
import classes from './System.module.css';

const TIERS = Object.keys(TIER_STEP) as HistoryTier[];

type Props = {
  retention: HistoryRetention;
  /** Whether anything is sampled, by which the server could tell. */
  foreseeable: boolean;
};

export function RetentionForm({ retention, foreseeable }: Props) {
  const [asked, setAsked] = useState<RetentionQuestion>({});
  const proposal = useQuery(retentionProposalQuery(asked));
  const mistakes = retentionMistakes(proposal.error);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = (tier: HistoryTier) => formField(event.currentTarget, tier);
    const fields = { raw: text('raw'), minute: text('minute'), tenMinutes: text('tenMinutes'), hour: text('hour') };
    setAsked(retentionQuestion(fields, retention));
  };
  return (
    <form className={classes.retention} onSubmit={submit} aria-labelledby="retention-question">
      <h3 id="retention-question">What would another retention cost?</h3>
      <div className={classes.fields}>
        {TIERS.map(tier => (
          <TextInput
            key={tier}
            name={tier}
            label={TIER_NAME[tier]}
            size="xs"
            autoComplete="off"
            defaultValue={keptText(keptSeconds(retention, tier))}
            error={mistakes?.[tier]}
          />
        ))}
        <Button type="submit" size="xs" variant="default" loading={proposal.isFetching}>
          Work it out
        </Button>
      </div>
      {proposal.isError && !mistakes && (
        <ProblemNotice error={proposal.error} onRetry={() => void proposal.refetch()} />
      )}
      <div role="status">
        {proposal.data && (foreseeable ? <Proposal proposal={proposal.data} /> : FORECAST_UNKNOWN)}
      </div>
    </form>
  );
}

function Proposal({ proposal: { forecast, bytesAtRestChange } }: { proposal: RetentionProposal }) {
  const change =
    bytesAtRestChange === 0
      ? 'as much as now'
      : `${formatBytes(Math.abs(bytesAtRestChange))} ${bytesAtRestChange > 0 ? 'more' : 'less'} than now`;
  return (
    <p className={classes.proposal}>
      It would come to <b>{formatBytes(forecast.bytesAtRest)}</b> at rest, {`${change}, `}
      and <b>{formatBytes(forecast.bytesAfterYear)}</b> after a year. Nothing has been changed: the retention is set by{' '}
      <code>[history] retention_…</code> in the configuration.
    </p>
  );
}
