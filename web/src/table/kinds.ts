// Which kinds of resources are workloads and which are storage: what runs, and what holds data.
import type { ResourceKind } from '~/api/types';

/** The kinds of the API's own list of workloads, and what deploys them. */
export const WORKLOAD_KINDS: ReadonlySet<ResourceKind> = new Set<ResourceKind>([
  'vm',
  'system-container',
  'app-container',
  'docker-service',
  'docker-task',
  'pod',
  'k8s-deployment',
]);

export const STORAGE_KINDS: ReadonlySet<ResourceKind> = new Set<ResourceKind>([
  'storage',
  'ceph',
  'physical_disk',
  'network-share',
  'docker-volume',
]);
