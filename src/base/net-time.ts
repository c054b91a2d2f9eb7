/** Times as .NET writes them for people: in the JSON of the API and of the command line, and in texts of the invariant culture. */

/** No zeros at the end of a fraction. @param time ISO 8601, UTC. */
export function netTime(time: string): string {
  return time.replace(/\.(\d*?)0*Z$/, (_all, digits: string) => (digits ? `.${digits}Z` : 'Z'));
}

/** `11/21/2026 03:20:44` @param time ISO 8601, UTC. */
export function netText(time: string): string {
  return time.replace(/^(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2}:\d{2}).*$/, '$2/$3/$1 $4');
}
