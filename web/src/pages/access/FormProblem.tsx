// What went wrong with a form, above its button.
import { ProblemError } from '~/api/problem';
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
      {detail}
      {errors.map(({ field, message }) => (
        <div key={field}>
          <code>{field}</code>: {message}
        </div>
      ))}
    </div>
  );
}
