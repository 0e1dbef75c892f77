// Whether the log is what was written: recomputes its chain, compares it with a head that was noted before, and shows the
// head to note for next time.
import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldProblem } from '~/api/problem';
import { Panel } from '~/components/Panel';
import { ProblemNotice } from '~/components/ProblemNotice';
import { verifyAudit } from './queries';
import { Verdict } from './Verdict';
import classes from './Audit.module.css';

export function VerifyPanel() {
  const [anchor, setAnchor] = useState('');
  const check = useMutation({ mutationFn: verifyAudit });
  const anchorProblem = fieldProblem(check.error, 'anchor');
  return (
    <Panel title="Is the log what was written?">
      <form
        className={classes.verify}
        onSubmit={event => {
          event.preventDefault();
          check.mutate(anchor.trim());
        }}
      >
        <TextInput
          label="Head noted before"
          description="Leave it empty to check the log only within itself."
          placeholder="actions.main.1.1.…"
          size="xs"
          error={anchorProblem}
          value={anchor}
          onChange={event => {
            setAnchor(event.currentTarget.value);
          }}
        />
        <Button type="submit" size="xs" loading={check.isPending}>
          Verify
        </Button>
      </form>
      {check.isError && anchorProblem === undefined && <ProblemNotice error={check.error} />}
      {check.data && <Verdict verdict={check.data} />}
    </Panel>
  );
}
