import { randomUUID } from 'node:crypto';
import * as core from '@actions/core';
import { isDiskFault, messageOf, UserError } from '../errors.ts';
import type { Watch } from '../progress.ts';
import type { Phase } from './progress.ts';
import { ProgressLog } from './progress-log.ts';

/** The step's log. The one adapter of `@actions/core` here. */
export interface Console {
  info(line: string): void;
  notice(line: string): void;
  warning(line: string): void;
  error(line: string): void;
  /** An annotation at a place of the workspace. */
  annotate(
    level: 'warning' | 'error',
    message: string,
    place: { file: string; line: number; column?: number | undefined },
  ): void;
  group<T>(title: string, body: () => Promise<T>): Promise<T>;
  /** Markdown for the job's page. @throws Error where the runner has no file for it */
  summary(markdown: string): Promise<void>;
  /** A group in which the runner takes no line for a command to it: the output of the user's own code. */
  foreignGroup<T>(title: string, body: () => Promise<T>): Promise<T>;
  /** Says how far the body has come, by what it gives to be watched: every five seconds, and nothing before. */
  progress<T>(phase: Phase, body: (watch: Watch) => Promise<T>): Promise<T>;
}

const progressLog = new ProgressLog(core.info);

export const stepConsole: Console = {
  info: core.info,
  notice: core.notice,
  warning: core.warning,
  error: core.error,
  annotate(level, message, { file, line, column }) {
    const write = level === 'error' ? core.error : core.warning;
    write(message, { file, startLine: line, ...(column === undefined ? {} : { startColumn: column }) });
  },
  group: core.group,
  async summary(markdown) {
    await core.summary.addRaw(markdown).write();
  },
  foreignGroup: (title, body) =>
    core.group(title, async () => {
      const token = randomUUID();
      core.info(`::stop-commands::${token}`);
      try {
        return await body();
      } finally {
        core.info(`::${token}::`);
      }
    }),
  progress: (phase, body) => progressLog.follow(phase, body),
};

/** Ends the step as failed. The user's own mistakes say what would be right; all else says that it is not his. */
function endFailed(error: unknown): void {
  core.debug(stackOf(error));
  core.setFailed(
    error instanceof UserError ? error.message : `gobuild-test failed unexpectedly: ${messageOf(error)}`,
  );
}

/** Ends main: a full disk is no mistake of the user's, and costs the cache alone. */
export function endMain(error: unknown): void {
  if (isDiskFault(error)) endWithWarning(error);
  else endFailed(error);
}

/** Ends post, and `save/`: only what the user can mend fails the job. */
export function endPost(error: unknown): void {
  if (error instanceof UserError) endFailed(error);
  else endWithWarning(error);
}

/** Ends a step of which what goes wrong costs the cache, not the job: post, and main where the disk is full. */
function endWithWarning(error: unknown): void {
  core.debug(stackOf(error));
  core.warning(
    `gobuild-test could not finish, the job goes on, and nothing more is saved: ${messageOf(error)}`,
  );
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
