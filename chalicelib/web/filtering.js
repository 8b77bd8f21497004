// Which of the reader's filters applies to a message in the place where it is shown.

/**
 * Returns the filter that applies: one that hides the message before one that warns.
 *
 * @param {any} status null if it is gone
 * @param {string} [context] home, notifications, public, thread or account
 */
export function filterOf(status, context) {
  const all = (status?.reblog ?? status)?.filtered ?? [];
  const here = all.filter((/** @type {any} */ { filter }) => !context || filter.context.includes(context));
  return (here.find((/** @type {any} */ { filter }) => filter.filter_action === "hide") ?? here[0])?.filter;
}

/** Returns whether a filter hides a message. @param {any} status @param {string} [context] */
export const isHidden = (status, context) => filterOf(status, context)?.filter_action === "hide";
