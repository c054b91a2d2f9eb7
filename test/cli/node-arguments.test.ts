import { describe, expect, it } from 'vitest';
import { isEmpty, nodeArgumentsOf } from '../../src/cli/commands/node-arguments.ts';

describe('what Node is told', () => {
  it.each(['languageWorkers__node__arguments', 'LanguageWorkers:Node:Arguments'])(
    'is in %s, and what is for a debugger is for one process',
    (name) => {
      const words = '--inspect=9229 --max-old-space-size=512 --require "./a b.js"';

      expect(nodeArgumentsOf({ environment: { [name]: words } })).toEqual({
        nodeArguments: ['--max-old-space-size=512', '--require', './a b.js'],
        debugArguments: ['--inspect=9229'],
      });
    },
  );

  it('is in NODE_OPTIONS, which this process has been told when it has the same', () => {
    const same = nodeArgumentsOf({ environment: process.env as Record<string, string> });
    const other = nodeArgumentsOf({ environment: { NODE_OPTIONS: '--trace-warnings' } });

    expect(isEmpty(same)).toBe(true);
    expect(isEmpty(other)).toBe(false);
    expect(other.nodeOptions).toBe('--trace-warnings');
  });
});
