// What our charts draw besides lines: known gaps as shaded spans, and events as marks.
import type uPlot from 'uplot';
import type { ChartEvent } from './events';
import type { Gap } from './shape';

const MS = 1000;
const MARK = 4;
/** Marks stand behind what is measured. */
const FAINT = 0.65;

/** Shades the known gaps, below the lines. Asks anew with each drawing, so that new data needs no new chart. */
export function gapShades(gaps: () => readonly Gap[], colour: string): uPlot.Plugin {
  return {
    hooks: {
      drawAxes: chart => {
        const { ctx, bbox } = chart;
        ctx.save();
        ctx.fillStyle = colour;
        for (const { from, to } of gaps()) {
          const left = Math.max(bbox.left, chart.valToPos(from / MS, 'x', true));
          const right = Math.min(bbox.left + bbox.width, chart.valToPos(to / MS, 'x', true));
          ctx.fillRect(left, bbox.top, Math.max(1, right - left), bbox.height);
        }
        ctx.restore();
      },
    },
  };
}

/** The positions within bounds, without those too close to the one before: marks must stay apart to be told apart. */
export function spread(positions: readonly number[], left: number, right: number, apart: number): number[] {
  const kept: number[] = [];
  for (const x of positions.toSorted((a, b) => a - b)) {
    const last = kept.at(-1);
    if (x >= left && x <= right && (last === undefined || x - last >= apart)) kept.push(x);
  }
  return kept;
}

/** Marks each event with a dashed line and a triangle at the top. */
export function eventMarks(events: () => readonly ChartEvent[], colour: string): uPlot.Plugin {
  return {
    hooks: {
      draw: chart => {
        const { ctx, bbox } = chart;
        const size = MARK * devicePixelRatio;
        ctx.save();
        ctx.strokeStyle = colour;
        ctx.fillStyle = colour;
        ctx.globalAlpha = FAINT;
        ctx.setLineDash([size, size]);
        const positions = events().map(({ at }) => Math.round(chart.valToPos(at / MS, 'x', true)));
        for (const x of spread(positions, bbox.left, bbox.left + bbox.width, size * 2)) {
          ctx.beginPath();
          ctx.moveTo(x, bbox.top);
          ctx.lineTo(x, bbox.top + bbox.height);
          ctx.stroke();
          ctx.beginPath();
          ctx.moveTo(x - size, bbox.top);
          ctx.lineTo(x + size, bbox.top);
          ctx.lineTo(x, bbox.top + size * 1.5);
          ctx.fill();
        }
        ctx.restore();
      },
    },
  };
}
