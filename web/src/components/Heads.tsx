// The heads of a plain table.
export type Head = {
  title: string;
  numeric?: boolean;
  /** Left out on small screens. */
  optional?: boolean;
  /** Said only to those who hear the page: what stands below explains itself. */
  unseen?: boolean;
};

export function Heads({ heads }: { heads: readonly Head[] }) {
  return (
    <thead>
      <tr>
        {heads.map(({ title, numeric, optional, unseen }) => (
          <th key={title} scope="col" data-numeric={numeric} data-optional={optional}>
            {unseen ? <span className="visually-hidden">{title}</span> : title}
          </th>
        ))}
      </tr>
    </thead>
  );
}
