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

/** The `code` of an error of Node's or of the file system's, as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the disk is full or not to be written: the machine's fault, and no reason to fail a job. */
export function isDiskFault(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'].includes(codeOf(error) ?? '');
}
