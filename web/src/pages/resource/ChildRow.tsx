// One part of a resource, live.
import type { Resource } from '~/api/types';
import { useRowReadings } from '~/live/LiveContext';
import type { ChildColumn } from './childColumns';

export function ChildRow({ resource, columns }: { resource: Resource; columns: readonly ChildColumn[] }) {
  const readings = useRowReadings(resource.id);
  return (
    <tr>
      {columns.map(({ title, numeric = false, optional = false, cell }) => (
        <td key={title} data-numeric={numeric} data-optional={optional}>
          {cell(resource, readings)}
        </td>
      ))}
    </tr>
  );
}
