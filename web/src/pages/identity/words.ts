// What a pair of resources might be to each other, and what speaks against it, in words.
import type { Conflict, EvidenceKind } from '~/api/types';

type Kind = Conflict['kind'];

export const QUESTION: Record<Kind, string> = {
  same: 'May be one and the same',
  inside: 'One may be the system inside the other',
};

export const SUGGESTION: Record<Conflict['suggestion'], string> = {
  join: 'Nothing is known that speaks against it.',
  distinct: 'Something speaks against it: they are likely two, such as a machine and its clone.',
  inside: 'If it is so, say so, and the guest is known by what the host tells from within.',
};

export const AGAINST: Record<EvidenceKind, string> = {
  operator: 'Somebody said otherwise',
  enrolment_key: 'Different enrolment keys',
  same_source: 'One source lists both at the same time',
  platform_key: 'Their platforms know them as two',
  link: 'They name others',
  machine_id: 'Different machine ids',
  dmi_uuid: 'Different SMBIOS UUIDs',
  serial: 'Different serial numbers',
  wwn: 'Different world-wide names',
  device_path: 'Different devices on the same host',
  mac_address: 'Different hardware addresses',
  hostname: 'Different host names',
  ip_address: 'Different IP addresses',
};
