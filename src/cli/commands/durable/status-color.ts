/** The colour in which people see a status. */
export function colorOfStatus(status: string): 'red' | 'green' | 'yellow' {
  if (status === 'Completed') return 'green';
  return status === 'Failed' || status === 'Terminated' ? 'red' : 'yellow';
}
