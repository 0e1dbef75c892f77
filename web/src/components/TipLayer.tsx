// One tooltip for the whole application: shows the `data-tip` of what is hovered or focused, or writes out its
// `data-tip-time`. A table with ten thousand cells cannot afford a tooltip component in each of them.
import { useEffect, useState } from 'react';
import { formatTime } from '~/format/time';
import classes from './TipLayer.module.css';

type Tip = { text: string; left: number; top: number; above: boolean };

const MARGIN = 8;
const WIDEST = 320;
const BELOW_NEEDS = 80;

function tipOf(target: EventTarget | null): Tip | null {
  const holder = target instanceof Element ? target.closest<HTMLElement>('[data-tip], [data-tip-time]') : null;
  const { tip, tipTime } = holder?.dataset ?? {};
  const text = tipTime === undefined ? tip : formatTime(Number(tipTime));
  if (!holder || !text) return null;
  const box = holder.getBoundingClientRect();
  const above = box.bottom + BELOW_NEEDS > window.innerHeight;
  const left = Math.max(MARGIN, Math.min(box.left, window.innerWidth - WIDEST - MARGIN));
  return { text, left, top: above ? box.top - 6 : box.bottom + 6, above };
}

export function TipLayer() {
  const [tip, setTip] = useState<Tip | null>(null);
  // An effect, because the events of every present and future cell are only to be had from the document.
  useEffect(() => {
    const show = (event: Event) => {
      setTip(tipOf(event.target));
    };
    const hide = () => {
      setTip(null);
    };
    const hideOnEscape = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setTip(null);
    };
    // What was pressed has told what it does; its answer must not lie below the tooltip. A reading's reason stays.
    const hideOnPress = (event: Event) => {
      if (event.target instanceof Element && event.target.closest('button[data-tip], a[data-tip]')) setTip(null);
    };
    document.addEventListener('pointerover', show);
    document.addEventListener('focusin', show);
    document.addEventListener('focusout', hide);
    document.addEventListener('click', hideOnPress);
    document.addEventListener('scroll', hide, { capture: true, passive: true });
    document.addEventListener('keydown', hideOnEscape);
    return () => {
      document.removeEventListener('pointerover', show);
      document.removeEventListener('focusin', show);
      document.removeEventListener('focusout', hide);
      document.removeEventListener('click', hideOnPress);
      document.removeEventListener('scroll', hide, { capture: true });
      document.removeEventListener('keydown', hideOnEscape);
    };
  }, []);
  if (tip === null) return null;
  return (
    <div role="tooltip" className={classes.tip} data-above={tip.above} style={{ left: tip.left, top: tip.top }}>
      {tip.text}
    </div>
  );
}
