// Draws the known gaps of a chart as hatched stretches, below its lines.
import type uPlot from 'uplot';
import type { ChartColours } from './palette';
import type { Gap } from './shape';

const PITCH = 7;

/** Diagonal lines over a faint ground, so that a gap is told from a quiet stretch without colour. */
function hatching(ctx: CanvasRenderingContext2D, { gap, hatch }: ChartColours): CanvasPattern | string {
  const tile = document.createElement('canvas');
  const size = Math.round(PITCH * devicePixelRatio);
  tile.width = size;
  tile.height = size;
  const pen = tile.getContext('2d');
  if (!pen) return gap;
  pen.fillStyle = gap;
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = hatch;
  pen.lineWidth = devicePixelRatio;
  pen.beginPath();
  // Three lines, so that the corners of neighbouring tiles meet.
  for (const offset of [-size, 0, size]) {
    pen.moveTo(offset - 1, size + 1);
    pen.lineTo(offset + size + 1, -1);
  }
  pen.stroke();
  return ctx.createPattern(tile, 'repeat') ?? gap;
}

/** Asks anew with each drawing, so that new data needs no new chart. */
export function gapHatches(gaps: () => readonly Gap[], colours: ChartColours): uPlot.Plugin {
  let fill: CanvasPattern | string | undefined;
  return {
    hooks: {
      drawAxes: (chart: uPlot) => {
        const { ctx, bbox } = chart;
        const known = gaps();
        if (known.length === 0) return;
        fill ??= hatching(ctx, colours);
        ctx.save();
        ctx.fillStyle = fill;
        for (const { from, to } of known) {
          const left = Math.max(bbox.left, chart.valToPos(from, 'x', true));
          const right = Math.min(bbox.left + bbox.width, chart.valToPos(to, 'x', true));
          ctx.fillRect(left, bbox.top, Math.max(1, right - left), bbox.height);
        }
        ctx.restore();
      },
    },
  };
}
