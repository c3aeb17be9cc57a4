/** Keys of drills that a page shows, in a scenario that has all else they need. */

/** The block of YAML that begins with that key. */
export function blockIn(page: string, key: string): string {
  for (const [, block = ''] of page.matchAll(/```yaml\n([\s\S]*?)```/g)) if (block.startsWith(key)) return block;
  throw new Error(`the page shows no YAML that begins with ${key}`);
}

export function shopWith(keys: object): object {
  const region = (name: string, jurisdiction: string) => ({
    jurisdiction,
    endpoint: `https://${name}.shop.example`,
    kubernetes: { context: name, workloads: ['deployment/shop'] },
  });
  return {
    service: 'shop',
    entry: { shop: 'https://shop.example' },
    regions: { 'us-east-1': region('us-east-1', 'US'), 'eu-west-1': region('eu-west-1', 'EU') },
    ...keys,
  };
}
