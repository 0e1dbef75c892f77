// What the platforms are called.

/** By the contract's word; one that this browser does not know stands for itself. */
export const PLATFORM: Partial<Record<string, string>> = { 'proxmox-pve': 'Proxmox VE' };

export const PLATFORMS = [{ value: 'proxmox-pve', label: 'Proxmox VE' }] as const;
