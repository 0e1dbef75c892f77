// Sets the colour scheme before the first paint, from the stored choice or else from the system.
(() => {
  const key = 'mantine-color-scheme-value';
  let choice = null;
  try {
    choice = window.localStorage.getItem(key);
  } catch {
    // Storage may be switched off; then the system decides.
  }
  const dark = choice === 'dark' || (choice !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
