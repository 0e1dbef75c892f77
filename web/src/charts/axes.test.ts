import { expect, it } from 'vitest';
import { evenNumbers } from './axes';

it.each([
  [2.5, [0, 2.5, 5], ['0.0', '2.5', '5.0']],
  [0.25, [0, 0.25, 0.5], ['0.00', '0.25', '0.50']],
  [1000, [0, 1000, 2000], ['0', '1,000', '2,000']],
] as const)('an axis with a step of %d has as many decimals everywhere', (step, values, texts) => {
  expect(evenNumbers(values, step)).toEqual(texts);
});
