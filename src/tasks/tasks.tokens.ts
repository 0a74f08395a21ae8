/** Injection token of the TaskPolicy the rules work with. */
export const TASK_POLICY = Symbol('TaskPolicy');
