// What each metric is called and measured in. Exhaustive over the contract, so that a new metric shows up here first.
import type { Metric, ResourceKind, Unit } from '~/api/types';

type MetricInfo = { label: string; unit: Unit };

const METRICS: Record<Metric, MetricInfo> = {
  cpu: { label: 'CPU', unit: 'percent' },
  memory: { label: 'Memory', unit: 'percent' },
  memoryused: { label: 'Memory used', unit: 'bytes' },
  swap: { label: 'Swap', unit: 'percent' },
  disk: { label: 'Disk space', unit: 'percent' },
  diskread: { label: 'Read', unit: 'bytes_per_second' },
  diskwrite: { label: 'Written', unit: 'bytes_per_second' },
  netin: { label: 'Received', unit: 'bytes_per_second' },
  netout: { label: 'Sent', unit: 'bytes_per_second' },
  usage: { label: 'Usage', unit: 'percent' },
  used: { label: 'Used', unit: 'bytes' },
  avail: { label: 'Available', unit: 'bytes' },
  total: { label: 'Size', unit: 'bytes' },
  temperature: { label: 'Temperature', unit: 'celsius' },
  load1: { label: 'Load, 1 min', unit: 'number' },
  load5: { label: 'Load, 5 min', unit: 'number' },
  load15: { label: 'Load, 15 min', unit: 'number' },
  pressure_cpu: { label: 'CPU pressure', unit: 'percent' },
  pressure_memory: { label: 'Memory pressure', unit: 'percent' },
  pressure_io: { label: 'I/O pressure', unit: 'percent' },
  smart_temp: { label: 'Temperature', unit: 'celsius' },
  smart_power_on_hours: { label: 'Powered on', unit: 'hours' },
  smart_power_cycles: { label: 'Power cycles', unit: 'number' },
  smart_reallocated_sectors: { label: 'Reallocated sectors', unit: 'number' },
  smart_pending_sectors: { label: 'Pending sectors', unit: 'number' },
  smart_offline_uncorrectable: { label: 'Uncorrectable sectors', unit: 'number' },
  smart_crc_errors: { label: 'CRC errors', unit: 'number' },
  smart_percentage_used: { label: 'Endurance used', unit: 'percent' },
  smart_available_spare: { label: 'Spare left', unit: 'percent' },
  smart_media_errors: { label: 'Media errors', unit: 'number' },
  smart_unsafe_shutdowns: { label: 'Unsafe shutdowns', unit: 'number' },
};

export function metricUnit(metric: Metric): Unit {
  return METRICS[metric].unit;
}

/** `disk` is space in use, except on a physical disk, where it is time busy. */
export function metricLabel(metric: Metric, kind?: ResourceKind): string {
  return metric === 'disk' && kind === 'physical_disk' ? 'Time busy' : METRICS[metric].label;
}
