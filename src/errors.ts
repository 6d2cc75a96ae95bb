/**
 * A mistake that the user of the action can mend: an input, a missing go.mod, a package that does not compile.
 * Its message is one line for the user; the entry prints it without a stack trace and fails the step.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** What went wrong, in one line: the message of an error, whatever was thrown. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
