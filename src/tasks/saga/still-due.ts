/**
 * SQL: the timer row `t`, which was chosen by its key, is still due in the lane.
 *
 * Said in a way that no index answers: after a sudden backlog the statistics know of few due rows, and the planner would
 * read the index over all of them to meet a list of twenty keys.
 *
 * @param lane as SQL: a parameter or a literal
 */
export const stillDue = (lane: string): string =>
  `t.lane is not distinct from ${lane} and coalesce(t.due_at, 'infinity') <= statement_timestamp()`;
