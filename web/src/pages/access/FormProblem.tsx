// What went wrong with a form, above its button.
import { ProblemError } from '~/api/problem';
import { Marked } from '~/components/Marked';
import classes from './AccessFrame.module.css';

export function FormProblem({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  if (!(error instanceof ProblemError)) {
    return (
      <p role="alert" className={classes.problem}>
        <strong>The server did not answer</strong>
        Check that it runs and that this browser can reach it, then try again.
      </p>
    );
  }
  const { title, detail, errors = [] } = error.problem;
  return (
    <div role="alert" className={classes.problem}>
      <strong>{title}</strong>
      <Marked text={detail} />
      {errors.map(({ field, message }) => (
        <div key={field}>
          <code>{field}</code>: <Marked text={message} />
        </div>
      ))}
    </div>
  );
}
