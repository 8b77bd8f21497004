// What a form does when it is sent: one attempt at a time, and if it fails, why.
import { reason } from "./notices.js";
import { useState } from "./ui.js";

/**
 * Does something that may fail, unless it is being done.
 *
 * @template {unknown[]} T
 * @param {(...values: T) => Promise<unknown>} act
 * @returns {{busy: boolean, error: any, problem: string, attempt: (...values: T) => Promise<void>, submit: (event: Event, ...values: T) => void}}
 *   `error`: why the last attempt has failed, and `problem` in a sentence; `submit`: an attempt for a form's event
 */
export function useAttempt(act) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const attempt = async (/** @type {T} */ ...values) => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await act(...values);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  const submit = (/** @type {Event} */ event, /** @type {T} */ ...values) => {
    event.preventDefault();
    void attempt(...values);
  };
  return { busy, error, problem: error ? reason(error) : "", attempt, submit };
}
