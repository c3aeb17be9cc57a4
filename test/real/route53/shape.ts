/** `ResourceRecordSets[].TTL: number`, one text a field, whatever the number of items. */
export function shapeOf(value: unknown, at = ''): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((item) => [...shapeOf(item, `${at}[]`)]));
  if (value instanceof Date) return new Set([`${at}: date`]);
  if (typeof value !== 'object' || value === null)
    return value === undefined ? new Set() : new Set([`${at}: ${typeof value}`]);
  const fields = Object.entries(value).filter(([key]) => key !== '$metadata');
  return new Set(fields.flatMap(([key, below]) => [...shapeOf(below, `${at}.${key}`)]));
}
