// The codes for when the authenticator is lost.
import { OneTimeSecret } from './OneTimeSecret';
import classes from './Access.module.css';

export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  return (
    <OneTimeSecret title="Recovery codes" secret={codes.join('\n')} onDone={onDone}>
      <p>Each signs you in once when you do not have your authenticator.</p>
      <ul className={classes.codes}>
        {codes.map(code => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </OneTimeSecret>
  );
}
