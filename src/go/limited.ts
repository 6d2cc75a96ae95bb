/** As Promise.all of `map`, with at most `limit` of them under way at once; the results are in the items' order. */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, item] = next;
      results[index] = await map(item);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, limit) }, work));
  return results;
}
