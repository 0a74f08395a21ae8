/** Of a task that waits for its callback, with its place in the cache and its data key; measured with 20,000 of them. */
const BYTES_PER_STATE = 2_600;
const SHARE_OF_HEAP = 0.1;
const MOST = 50_000;

/**
 * How many tasks a process keeps in mind. Worth as many as are open: callbacks come roughly in the order of the submits, so
 * one task more than fit pushes out the very one that is asked for next, and each callback reads its task again.
 *
 * @param heapLimit bytes that the heap may grow to
 */
export const statesThatFit = (heapLimit: number): number =>
  Math.min(MOST, Math.floor((heapLimit * SHARE_OF_HEAP) / BYTES_PER_STATE));
