// A status: always a colour, a shape and a word, so that no one of them has to be seen.
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleXFilled,
  IconHelpCircleFilled,
  type TablerIcon,
} from '@tabler/icons-react';
import type { Status } from '~/api/types';
import { STATUS } from '~/strings/labels';
import classes from './StatusMark.module.css';

const ICON: Record<Status, TablerIcon> = {
  online: IconCircleCheckFilled,
  warning: IconAlertTriangleFilled,
  offline: IconCircleXFilled,
  unknown: IconHelpCircleFilled,
};

export function StatusMark({ status, text }: { status: Status; text?: string }) {
  const Icon = ICON[status];
  return (
    <span className={classes.mark} data-status={status}>
      <Icon size={15} aria-hidden />
      <span>{text ?? STATUS[status]}</span>
    </span>
  );
}
