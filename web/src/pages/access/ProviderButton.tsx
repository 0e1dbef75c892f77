// The way in through the identity provider: a link, since the whole page leaves.
import { Button } from '@mantine/core';
import type { ProviderLink } from '~/api/types';

type Props = { provider: ProviderLink; next: string | undefined };

export function ProviderButton({ provider: { label, url }, next }: Props) {
  const target = next === undefined ? url : `${url}?${new URLSearchParams({ next }).toString()}`;
  return (
    <Button component="a" href={target} variant="default" size="md">
      {label}
    </Button>
  );
}
