/** Why an instance has failed: the message to read, and what is stored with it (stacks, the failure once more as JSON) for who wants more. */
import { failureMessage } from '../../core/failure-signature.ts';
import { CopyButton } from '../parts/copy-button.tsx';

/** @param props.failure the output of a failed instance. */
export function FailureCard({ failure }: { readonly failure: string }) {
  const message = failureMessage(failure);
  return (
    <section class="card" aria-label="Failure">
      <header>
        <h2>Failure</h2>
        <CopyButton what="Failure" text={failure} />
      </header>
      <div class="failure-message" tabIndex={0} role="group" aria-label="Failure">
        <pre class="problem">{message}</pre>
        {message !== failure.trim() && (
          <details>
            <summary>All that is stored</summary>
            {/* The lines of a stack within JSON. */}
            <pre>{failure.replaceAll('\\n', '\n')}</pre>
          </details>
        )}
      </div>
    </section>
  );
}
