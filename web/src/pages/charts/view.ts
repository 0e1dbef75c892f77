// The state of the Charts page as it stands in the address.
import { chartGroups, type ChartGroup } from '~/charts/groups';
import { parseWindow, type WindowSearch } from '~/charts/window';
import type { Estate } from '~/live/estate';
import type { ReadingsOf } from '~/live/readings';
import { charted } from '../resource/charted';
import type { Metric, Resource, ResourceKind } from '~/api/types';
import { parseWords, type PlainSearch } from '~/searchParams';
import { KIND } from '~/strings/labels';

export type ChartsSearch = WindowSearch & {
  kind?: string | undefined;
  /** Which of the kind's charts. */
  chart?: string | undefined;
  q?: string | undefined;
};

const KINDS = Object.keys(KIND) as ResourceKind[];
const BY_NAME = new Intl.Collator(undefined, { numeric: true });
/** The server answers for no more at once. */
export const MOST_CHARTS = 200;

export function parseCharts(search: PlainSearch): ChartsSearch {
  const [kind] = parseWords(search.kind, KINDS);
  return {
    ...parseWindow(search),
    ...(kind !== undefined && { kind }),
    ...(search.chart && { chart: search.chart }),
    ...(search.q && { q: search.q }),
  };
}

/** What there is to choose from and what is chosen of it. */
export type Choice = {
  kinds: readonly ResourceKind[];
  kind: ResourceKind;
  groups: readonly ChartGroup[];
  group: ChartGroup | undefined;
  /** Those of the kind that pass the filter, by name. */
  resources: readonly Resource[];
};

type Measured = Pick<Estate, 'resources'> & { readings: ReadingsOf };

export function chooseCharts({ resources, readings }: Measured, search: ChartsSearch): Choice {
  const measured = [...resources.values()].filter(({ id }) => metricsOf(readings, id).length > 0);
  const kinds = KINDS.filter(kind => measured.some(resource => resource.kind === kind));
  const kind = kinds.find(candidate => candidate === search.kind) ?? kinds[0] ?? 'agent';
  const ofKind = measured.filter(resource => resource.kind === kind);
  const groups = chartGroups(kind, new Set(ofKind.flatMap(({ id }) => metricsOf(readings, id))));
  const text = search.q?.toLowerCase() ?? '';
  const nameOf = ({ canonicalIdentity }: Resource) => canonicalIdentity.displayName;
  return {
    kinds,
    kind,
    groups,
    group: groups.find(({ id }) => id === search.chart) ?? groups[0],
    resources: ofKind
      .filter(resource => nameOf(resource).toLowerCase().includes(text))
      .toSorted((a, b) => BY_NAME.compare(nameOf(a), nameOf(b)) || BY_NAME.compare(a.id, b.id)),
  };
}

function metricsOf(readings: ReadingsOf, id: string): Metric[] {
  const row = readings.get(id);
  return row ? charted(row) : [];
}

/** Chooses from one estate after the other; answers with the same choice while nothing that it shows has changed. */
export function choiceSelector(search: ChartsSearch): (estate: Measured | null) => Choice | undefined {
  let chosenFrom: { resources: Estate['resources']; measured: number } | undefined;
  let choice: Choice | undefined;
  return estate => {
    if (estate === null) return undefined;
    const { resources, readings } = estate;
    // Whatever can be measured of a row is named with its first reading, known or not.
    if (chosenFrom?.resources === resources && chosenFrom.measured === readings.size) return choice;
    chosenFrom = { resources, measured: readings.size };
    const next = chooseCharts(estate, search);
    if (choice === undefined || choiceKey(next) !== choiceKey(choice)) choice = next;
    return choice;
  };
}

function choiceKey({ kinds, kind, groups, group, resources }: Choice): string {
  const chosen = [
    kinds.join(),
    kind,
    groups.map(({ id, metrics }) => `${id}:${metrics.join()}`).join(),
    group?.id ?? '',
  ];
  return [...chosen, ...resources.map(({ id, revision }) => `${id}@${revision}`)].join(' ');
}
