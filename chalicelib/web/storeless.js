// Stores for browsers that keep nothing for this site: what would be stored is in memory until the page is left.

/** As much of Storage as the client uses. */
export class Memory {
  /** @param {string} key */
  getItem(key) {
    return /** @type {any} */ (this)[key] ?? null;
  }

  /** @param {string} key @param {string} value */
  setItem(key, value) {
    Object.assign(this, { [key]: value });
  }

  /** @param {string} key */
  removeItem(key) {
    delete (/** @type {any} */ (this)[key]);
  }
}

for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { value: new Memory() });
