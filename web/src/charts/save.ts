// A chart as a file: its points as CSV, or its picture as PNG.
import type { Metric } from '~/api/types';
import { metricUnit } from '~/format/metrics';
import { csvText } from '~/files/csv';
import { PLOT } from './axes';
import type { EventCluster } from './clusters';
import { chartColours } from './palette';
import { COLUMNS_PER_METRIC, type ChartData } from './shape';

const PARTS = ['avg', 'min', 'max'] as const;

/** One line for each point, in base units. A point that was not recorded has empty cells. */
export function chartCsv(data: ChartData, metrics: readonly Metric[]): string {
  const [times, ...columns] = data;
  const heads = metrics.flatMap(metric => PARTS.map(part => `${metric}_${part} (${metricUnit(metric)})`));
  const used = columns.slice(0, metrics.length * COLUMNS_PER_METRIC);
  const rows = times.map((time, row) => [
    new Date(time).toISOString(),
    // A number needs no escaping, though it may begin with a minus: it is one to every spreadsheet.
    ...used.map(column => column[row]?.toString() ?? ''),
  ]);
  return csvText([['time', ...heads]]) + rows.map(cells => cells.join(',') + '\r\n').join('');
}

export type Picture = {
  canvas: HTMLCanvasElement;
  title: string;
  legend: readonly string[];
  clusters: readonly EventCluster[];
};

const HEAD = 48;
const MARGIN = 12;

/** The canvas with what stands around it on the page: title, legend, and the marks of events. */
export async function chartPng({ canvas, title, legend, clusters }: Picture): Promise<Blob> {
  const ratio = devicePixelRatio;
  const colours = chartColours(canvas);
  const picture = document.createElement('canvas');
  picture.width = canvas.width;
  picture.height = canvas.height + HEAD * ratio;
  const pen = picture.getContext('2d');
  if (!pen) throw new Error('this browser does not draw on a canvas');
  pen.fillStyle = colours.surface;
  pen.fillRect(0, 0, picture.width, picture.height);
  pen.drawImage(canvas, 0, HEAD * ratio);
  pen.scale(ratio, ratio);
  const { fontFamily } = getComputedStyle(document.body);
  pen.fillStyle = colours.text;
  pen.font = `600 14px ${fontFamily}`;
  pen.fillText(title, MARGIN, 20);
  drawLegend(pen, legend, colours.series, fontFamily);
  pen.strokeStyle = colours.dim;
  pen.setLineDash([3, 3]);
  for (const { left } of clusters) {
    pen.beginPath();
    pen.moveTo(PLOT.left + left, HEAD + PLOT.top);
    pen.lineTo(PLOT.left + left, HEAD + canvas.height / ratio - PLOT.bottom);
    pen.stroke();
  }
  return new Promise((resolve, reject) => {
    picture.toBlob(blob => {
      if (blob) resolve(blob);
      else reject(new Error('the browser could not make a picture of the chart'));
    }, 'image/png');
  });
}

function drawLegend(pen: CanvasRenderingContext2D, legend: readonly string[], series: readonly string[], font: string) {
  pen.font = `12px ${font}`;
  let left = MARGIN;
  const ink = pen.fillStyle;
  legend.forEach((text, index) => {
    pen.fillStyle = series[index % series.length] ?? ink;
    pen.fillRect(left, 34, 10, 3);
    pen.fillStyle = ink;
    pen.fillText(text, left + 15, 40);
    left += 15 + pen.measureText(text).width + 14;
  });
}
