import type { Place } from './scenario.ts';

/**
 * Cities that a scenario may name without saying where they are. Each stands for a subnet of a university there, which
 * has held its address block for decades: an authoritative server places it where it says.
 * A scenario's own `places` add to these, or replace them.
 */
export const builtInPlaces: Readonly<Record<string, Place>> = {
  'new-york': { subnet: '128.59.0.0/24', country: 'US', continent: 'NA' }, // Columbia University
  'san-francisco': { subnet: '128.32.0.0/24', country: 'US', continent: 'NA' }, // University of California, Berkeley
  toronto: { subnet: '128.100.0.0/24', country: 'CA', continent: 'NA' }, // University of Toronto
  'sao-paulo': { subnet: '143.107.0.0/24', country: 'BR', continent: 'SA' }, // Universidade de São Paulo
  london: { subnet: '128.40.0.0/24', country: 'GB', continent: 'EU' }, // University College London
  dublin: { subnet: '134.226.0.0/24', country: 'IE', continent: 'EU' }, // Trinity College
  paris: { subnet: '134.157.0.0/24', country: 'FR', continent: 'EU' }, // Sorbonne Université
  frankfurt: { subnet: '141.2.0.0/24', country: 'DE', continent: 'EU' }, // Goethe-Universität
  mumbai: { subnet: '103.21.124.0/24', country: 'IN', continent: 'AS' }, // Indian Institute of Technology Bombay
  singapore: { subnet: '137.132.0.0/24', country: 'SG', continent: 'AS' }, // National University of Singapore
  tokyo: { subnet: '133.11.0.0/24', country: 'JP', continent: 'AS' }, // The University of Tokyo
  sydney: { subnet: '129.78.0.0/24', country: 'AU', continent: 'OC' }, // The University of Sydney
  'cape-town': { subnet: '137.158.0.0/24', country: 'ZA', continent: 'AF' }, // University of Cape Town
};

export const continents = ['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA'] as const;
