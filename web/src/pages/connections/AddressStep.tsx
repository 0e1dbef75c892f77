// Where the platform is, and whether who answers there is to be believed.
import { Button, Textarea } from '@mantine/core';
import { partProblem } from '~/api/problem';
import { Commands } from '~/components/Commands';
import { FormProblem } from '../access/FormProblem';
import { endpointsOf, isBelieved, togglePin, type Draft } from './draft';
import { EndpointList } from './EndpointList';
import { PROBING_NEEDS, useMayProbe } from './useMayEdit';
import { Step } from './Step';
import type { useProbe } from './useProbe';
import classes from './Connections.module.css';

type Props = {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  probe: ReturnType<typeof useProbe>;
  problem: unknown;
  onAsk: () => void;
};

const OWN_FINGERPRINT = 'openssl x509 -noout -fingerprint -sha256 -in /etc/pve/local/pve-ssl.pem';

export function AddressStep({ draft, onChange, probe, problem, onAsk }: Props) {
  const { addresses, pins } = draft;
  const mistake = partProblem(probe.error, '/endpoints') ?? partProblem(problem, '/endpoints');
  const endpoints = probe.data?.endpoints ?? [];
  const doubtful = endpoints.some(endpoint => endpoint.certificate && !isBelieved(endpoint, pins));
  const mayProbe = useMayProbe();
  return (
    <Step number={2} title="Addresses">
      <Textarea
        label="Addresses"
        name="addresses"
        description="One node is enough; with several of the same cluster, one may fail. Without a port 8006 is meant."
        placeholder="pve1.example.org"
        rows={3}
        spellCheck={false}
        autoCapitalize="none"
        required
        value={addresses}
        error={mistake}
        onChange={event => {
          onChange({ addresses: event.currentTarget.value });
        }}
      />
      <Button
        variant={probe.data ? 'default' : 'filled'}
        loading={probe.isPending}
        disabled={!mayProbe || endpointsOf(addresses).length === 0}
        title={mayProbe ? undefined : PROBING_NEEDS}
        onClick={onAsk}
      >
        {probe.data ? 'Look again' : 'See who answers'}
      </Button>
      {!mistake && <FormProblem error={probe.error} />}
      {probe.data && (
        <EndpointList
          endpoints={endpoints}
          pins={pins}
          onPin={fingerprint => {
            onChange({ pins: togglePin(pins, fingerprint) });
          }}
        />
      )}
      {doubtful && (
        <>
          <p className={classes.note}>
            Nobody that this system believes has signed such a certificate, which is usual: a cluster signs its own. Log
            in to the node in another way, such as ssh, and compare.
          </p>
          <Commands what="Shows the fingerprint on the node itself" lines={[OWN_FINGERPRINT]} />
          <p className={classes.note}>
            Where the node has a certificate of its own at <code>pveproxy-ssl.pem</code> in the same folder, that one
            counts.
          </p>
        </>
      )}
    </Step>
  );
}
