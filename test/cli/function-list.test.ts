import { describe, expect, it } from 'vitest';
import { functionListLines } from '../../src/cli/function-list.ts';

describe('the list of functions', () => {
  it('shows HTTP functions with methods and URL first, then the others, then the disabled ones', () => {
    const lines = functionListLines([
      { name: 'Tick', trigger: 'timerTrigger', isDisabled: false },
      { name: 'Old', trigger: 'timerTrigger', isDisabled: true },
      { name: 'hello', trigger: 'activityTrigger', isDisabled: false },
      {
        name: 'HttpStart',
        trigger: 'httpTrigger',
        isDisabled: false,
        http: { methods: ['get', 'post'], url: 'http://localhost:7071/api/orchestrators/{name}' },
      },
    ]);

    expect(lines.join('\n')).toBe(`
Functions:

\tHttpStart: [GET,POST] http://localhost:7071/api/orchestrators/{name}

\thello: activityTrigger

\tTick: timerTrigger

Function Old is disabled.`);
  });

  it('leaves the methods out of a function that takes all', () => {
    const http = { methods: [], url: 'http://localhost:7071/api/Ping' };

    const lines = functionListLines([
      { name: 'Ping', trigger: 'httpTrigger', isDisabled: false, http },
    ]);

    expect(lines).toContain('\tPing:  http://localhost:7071/api/Ping');
  });

  it('is empty without functions', () => {
    expect(functionListLines([])).toEqual([]);
  });
});
