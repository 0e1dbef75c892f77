// Adds a connection, step by step.
import { Link, useNavigate } from '@tanstack/react-router';
import { Notice } from '~/components/Notice';
import { ConnectionForm } from './ConnectionForm';
import { useMayEdit } from './useMayEdit';
import classes from './Connections.module.css';

export function NewConnectionPage() {
  const mayEdit = useMayEdit();
  const navigate = useNavigate();
  if (!mayEdit) return <MayNotEdit />;
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <nav className={classes.crumbs} aria-label="Where it belongs">
          <Link to="/connections">Connections</Link>
        </nav>
        <h1>Add a connection</h1>
      </header>
      <ConnectionForm onSaved={({ id }) => void navigate({ to: '/connections/$id', params: { id } })} />
    </div>
  );
}

export function MayNotEdit() {
  return (
    <Notice
      kind="forbidden"
      title="You may not edit connections"
      page
      action={<Link to="/connections">Connections</Link>}
    >
      <p>
        This needs the right to edit connections (connections:write). Ask an administrator for the role that has it.
      </p>
    </Notice>
  );
}
