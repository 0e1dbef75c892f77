// Who answers at each address, with the certificate that is shown there; approves one that nobody vouches for.
import { Checkbox } from '@mantine/core';
import type { CertificateProbe, EndpointProbe, Status } from '~/api/types';
import { Facts, type Fact } from '~/components/Facts';
import { Marked } from '~/components/Marked';
import { StatusMark } from '~/components/StatusMark';
import { formatDate } from '~/format/time';
import { useNow } from '~/time/useNow';
import { hasPin, isBelieved } from './draft';
import { failureWords } from './failure';
import classes from './Connections.module.css';

type Props = {
  endpoints: readonly EndpointProbe[];
  pins: readonly string[];
  /** Approves a certificate, or takes that back; without it there is nothing to approve. */
  onPin?: (fingerprint: string) => void;
};

const DAY_GRAIN_MS = 60_000;

export function EndpointList({ endpoints, pins, onPin }: Props) {
  return (
    <ul className={classes.endpoints}>
      {endpoints.map(endpoint => (
        <Endpoint key={endpoint.endpoint} endpoint={endpoint} pins={pins} {...(onPin && { onPin })} />
      ))}
    </ul>
  );
}

function markOf(endpoint: EndpointProbe, pins: readonly string[]): { status: Status; text: string } {
  const { certificate, failure } = endpoint;
  if (certificate && !isBelieved(endpoint, pins)) return { status: 'warning', text: 'Answers, not believed yet' };
  // What only an approval was missing for is mended by it; the next probe says so.
  if (failure && !(certificate && isTrust(failure.category))) {
    return { status: 'offline', text: failureWords(failure).title };
  }
  return certificate ? { status: 'online', text: 'Answers, believed' } : { status: 'online', text: 'Answers' };
}

function isTrust(category: string): boolean {
  return category === 'tls' || category === 'pin_mismatch';
}

function Endpoint({ endpoint, pins, onPin }: Omit<Props, 'endpoints'> & { endpoint: EndpointProbe }) {
  const { endpoint: address, failure, certificate } = endpoint;
  const now = useNow(DAY_GRAIN_MS);
  return (
    <li>
      <div className={classes.endpointHead}>
        <code>{address}</code>
        <StatusMark {...markOf(endpoint, pins)} />
      </div>
      {failure && !(certificate && isTrust(failure.category)) && (
        <p className={classes.note}>
          <Marked text={failure.message} />
        </p>
      )}
      {certificate && <Facts facts={certificateFacts(certificate, now)} />}
      {certificate && !certificate.trusted && onPin && (
        <Checkbox
          className={classes.approve}
          checked={hasPin(pins, certificate.fingerprint)}
          label="I compared this fingerprint with the one on the node, and believe it"
          onChange={() => {
            onPin(certificate.fingerprint);
          }}
        />
      )}
    </li>
  );
}

function certificateFacts(certificate: CertificateProbe, now: number): Fact[] {
  const { fingerprint, subject, issuer, notBefore, notAfter, trusted } = certificate;
  const [from, until] = [Date.parse(notBefore), Date.parse(notAfter)];
  const expired = until < now ? ', expired' : from > now ? ', not good yet' : '';
  return [
    { term: 'SHA-256', value: <code className={classes.fingerprint}>{fingerprint}</code> },
    { term: 'For', value: subject },
    { term: 'Signed by', value: `${issuer}${trusted ? ', which this system believes' : ''}` },
    { term: 'Good', value: `${formatDate(from)} to ${formatDate(until)}${expired}` },
  ];
}
