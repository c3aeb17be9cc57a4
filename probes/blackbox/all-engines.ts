/** The engines that probe for real. */
import { inquire } from '../dns/inquiry.ts';
import { askHealth } from '../grpc/health.ts';
import { journey } from '../http/journey.ts';
import { echo } from '../icmp/echo.ts';
import { converse } from '../tcp/dialogue.ts';
import type { Engines } from './engines.ts';

export const engines: Engines = {
  journey,
  converse,
  inquire,
  askHealth,
  echo,
};
