import type { Place } from '../scenario.ts';

/**
 * Client subnet to place. The first three are the cities that routing is asked for; the others are where the regions'
 * own vantages and users are. They are different places, and countries, so that a mistake in the routing of one city
 * does not have to be one in the routing of a vantage. All are networks reserved for documentation and benchmarks.
 */
export const places: Readonly<Record<string, Place>> = {
  'new-york': { subnet: '198.51.100.0/24', country: 'US', continent: 'NA' },
  london: { subnet: '203.0.113.0/24', country: 'GB', continent: 'EU' },
  singapore: { subnet: '192.0.2.0/24', country: 'SG', continent: 'AS' },
  toronto: { subnet: '198.18.1.0/24', country: 'CA', continent: 'NA' },
  frankfurt: { subnet: '198.18.2.0/24', country: 'DE', continent: 'EU' },
  mumbai: { subnet: '198.18.3.0/24', country: 'IN', continent: 'AS' },
};
