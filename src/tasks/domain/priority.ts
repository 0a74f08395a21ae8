/** How soon a queued task is sent, compared with the others of its owner. */
export type Priority = 'low' | 'normal' | 'high';

export const PRIORITIES: readonly Priority[] = ['low', 'normal', 'high'];

/** A task without a word about it. */
export const USUAL_PRIORITY: Priority = 'normal';

/** The order in which queued tasks of one owner are sent: the smaller goes first. Stored in timer rows. */
export const rankOf = (priority: Priority): number => RANKS[priority];

const RANKS: Readonly<Record<Priority, number>> = { high: 0, normal: 1, low: 2 };
