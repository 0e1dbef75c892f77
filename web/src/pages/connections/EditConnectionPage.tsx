// Changes a connection.
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ConnectionForm } from './ConnectionForm';
import { MayNotEdit } from './NewConnectionPage';
import { OneConnection } from './OneConnection';
import { useMayEdit } from './useMayEdit';
import classes from './Connections.module.css';

export function EditConnectionPage() {
  const { id } = useParams({ from: '/app/connections/$id/edit' });
  const mayEdit = useMayEdit();
  const navigate = useNavigate();
  if (!mayEdit) return <MayNotEdit />;
  return (
    <OneConnection id={id}>
      {connection => (
        <div className={classes.page}>
          <header className={classes.head}>
            <nav className={classes.crumbs} aria-label="Where it belongs">
              <Link to="/connections">Connections</Link>
              {' / '}
              <Link to="/connections/$id" params={{ id }}>
                {connection.name}
              </Link>
            </nav>
            <h1>Edit {connection.name}</h1>
          </header>
          <ConnectionForm
            key={id}
            connection={connection}
            onSaved={() => void navigate({ to: '/connections/$id', params: { id } })}
          />
        </div>
      )}
    </OneConnection>
  );
}
