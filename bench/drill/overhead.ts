export async function overhead(): Promise<void> {
  await Promise.resolve();
}
