/** The way in to the statistics of few samples: exact tails and intervals, order statistics, bursts. */

export * from './statistics/beta.ts';
export * from './statistics/binomial.ts';
export * from './statistics/bursts.ts';
export * from './statistics/gamma.ts';
export * from './statistics/needed.ts';
export * from './statistics/normal.ts';
export * from './statistics/quantile.ts';
export * from './statistics/weighted.ts';
