// Users: who there is, how they get in, and changing that.
import { useQuery } from '@tanstack/react-query';
import { Panel } from '~/components/Panel';
import { Loaded } from './Loaded';
import { NewUserForm } from './NewUserForm';
import { usersQuery } from './queries';
import { UserTable } from './UserTable';

export function UsersTab() {
  const users = useQuery(usersQuery);
  return (
    <>
      <Panel title="Users" flush>
        <Loaded query={users} waiting="Loading the users">
          {items => <UserTable users={items} />}
        </Loaded>
      </Panel>
      <Panel title="New user">
        <NewUserForm />
      </Panel>
    </>
  );
}
