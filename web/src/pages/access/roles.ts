// Roles and scopes as people choose them.
import type { Role, Scope } from '~/api/types';

export const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];

export const SCOPE_TEXT: Record<Scope, string> = {
  'inventory:read': 'See resources',
  'metrics:read': 'See readings and history',
  'alerts:write': 'Handle alerts',
  'connections:write': 'Edit connections',
  'collectors:admin': 'Manage collectors',
  'portmap:write': 'Edit the port map',
  'drift:write': 'Handle drift',
  'evidence:read': 'See evidence',
  'evidence:write': 'Submit evidence',
  'entitlements:write': 'Edit entitlements',
  'audit:read': 'Read the audit log',
  'system:admin': 'Administer the server',
};

export const SCOPES = Object.keys(SCOPE_TEXT) as Scope[];
