// What people read for the ways in which a system can be connected.

const KIND: Readonly<Record<string, string>> = {
  agent: 'Agent',
  docker: 'Docker',
  kubernetes: 'Kubernetes',
  proxmox: 'Proxmox VE',
  pbs: 'Backup server',
  pmg: 'Mail gateway',
  truenas: 'TrueNAS',
  vmware: 'vSphere',
};

/** A kind that is newer than this page is called by its own word. */
export function surfaceName(kind: string): string {
  return KIND[kind] ?? kind;
}
