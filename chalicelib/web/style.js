// The styles of all but the first view, which load with the first part that needs them.

/** @type {Promise<void> | null} */
let loading = null;

/** Loads the styles. Without them, as when the server cannot be reached, parts are plain but work. */
export function loadStyles() {
  loading ??= new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("more.css", import.meta.url).href;
    link.onload = () => done();
    link.onerror = () => {
      loading = null;
      link.remove();
      done();
    };
    document.head.append(link);
  });
  return loading;
}
