/** What a link to an instance is for: the names of operations in `OPERATIONS`. */
export type LinkOperation =
  'getStatus' | 'raiseEvent' | 'terminate' | 'rewind' | 'purge' | 'restart' | 'suspend' | 'resume';
