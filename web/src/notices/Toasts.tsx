// Shows the short messages, newest below, and has them read out: failures at once, the rest when there is a pause.
import { Button, CloseButton } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { dismissToast, useToasts, type Toast } from './toasts';
import classes from './Toasts.module.css';

export function Toasts() {
  const toasts = useToasts();
  const of = (kind: Toast['kind']) => toasts.filter(toast => toast.kind === kind);
  // Both regions are always there: one that appears together with its text is not read out.
  return (
    <div className={classes.stack}>
      <div aria-live="polite" aria-label="Messages" role="log">
        {of('done').map(toast => (
          <ToastLine key={toast.id} toast={toast} />
        ))}
      </div>
      <div aria-live="assertive">
        {of('failed').map(toast => (
          <ToastLine key={toast.id} toast={toast} />
        ))}
      </div>
    </div>
  );
}

function ToastLine({ toast: { id, kind, text, action } }: { toast: Toast }) {
  const Icon = kind === 'done' ? IconCheck : IconAlertTriangle;
  return (
    <div className={classes.toast} data-kind={kind}>
      <Icon size={18} stroke={1.6} aria-hidden />
      <span className={classes.text}>{text}</span>
      {action && (
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            dismissToast(id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <CloseButton
        size={28}
        aria-label="Dismiss"
        onClick={() => {
          dismissToast(id);
        }}
      />
    </div>
  );
}
