/** The run says nothing of its orchestrator: the process stops, or something it needs is away for a while. */
export class RunAbortedError extends Error {
  constructor(functionName: string, reason: string) {
    super(`The run of orchestrator '${functionName}' was aborted: ${reason}`);
  }
}
