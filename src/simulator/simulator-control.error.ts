/** The simulator was asked for something about a task that it cannot do: it has no such task, or the task no callback URL. */
export class SimulatorControlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SimulatorControlError';
  }
}
