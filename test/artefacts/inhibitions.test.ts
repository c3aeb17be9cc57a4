import { expect, test } from 'vitest';
import { generatedInhibitions, proposedInhibitions } from './inhibitions.ts';

test.each([
  ['generated', generatedInhibitions()],
  ['proposed in docs/alerts.md', proposedInhibitions()],
])('what is compared has to be there, in what is %s', (_, inhibitions) => {
  expect(inhibitions.length).toBeGreaterThan(0);
  for (const { source_matchers: source, target_matchers: target, equal } of inhibitions) {
    // Every alert of ours has its scenario, and one end of each rule is ours.
    for (const label of equal.filter((one) => one !== 'scenario')) {
      expect(source).toContain(`${label} =~ ".+"`);
      expect(target).toContain(`${label} =~ ".+"`);
    }
    expect(equal).toContain('scenario');
  }
});

test('what is proposed is what is generated of drills', () => {
  const ofDrills = generatedInhibitions().filter(({ source_matchers: source }) => source.join().includes('Drill'));
  const plain = (text: string): string => text.replace(/^alertname = "?(\w+)"?$/, 'alertname = $1');
  const comparable = ({ source_matchers: source, target_matchers: target, equal }: (typeof ofDrills)[number]) => ({
    ...{ source: source.map(plain).sort(), target: target.map(plain).sort(), equal },
  });
  expect(proposedInhibitions().map(comparable)).toEqual(ofDrills.map(comparable));
});
