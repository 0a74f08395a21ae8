/**
 * SQL: the timer row `t`, which was chosen by its key, is still due. Beside it stands `t.lane is not distinct from …`.
 *
 * Both are said in ways that no index answers: after a sudden backlog the statistics know of few due rows, and the planner
 * would read the index over all of them to meet a list of twenty keys.
 */
export const STILL_DUE = `coalesce(t.due_at, 'infinity') <= statement_timestamp()`;
