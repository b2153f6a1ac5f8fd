// What pages do beside swapping: local times, copying, printing, keys, the row beside.
const minute = 60, hour = 3600;

function timesLocal() {
  const now = Date.now() / 1000;
  for (const time of document.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime);
    const ago = now - at / 1000;
    time.textContent = 'relative' in time.dataset && ago >= -5 && ago < hour
      ? ago < 10 ? 'just now' : ago < minute ? `${Math.floor(ago)} s ago` : `${Math.floor(ago / minute)} min ago`
      : at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  }
}

timesLocal();
setInterval(timesLocal, 30_000);
document.addEventListener('eis:swapped', timesLocal);

// Whoever has said nothing sees what the system says, and the button offers the other one.
for (const button of document.querySelectorAll('.theme [data-dark]')) {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  if (dark) button.value = button.dataset.dark;
  button.textContent = dark ? 'Light theme' : 'Dark theme';
}

document.addEventListener('click', async event => {
  const copy = event.target.closest('[data-copy]');
  if (copy) {
    await navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent);
    globalThis.eis?.say('Copied.');
  }
  if (event.target.closest('[data-print]')) print();
});

// What was chosen since the page came is part of its address, and kept by another theme.
document.addEventListener('submit', event => {
  if (event.target.matches('.theme')) event.target.elements.back.value = location.pathname + location.search;
});

// The row as it stands and the row as it is read light up together.
for (const kind of ['mouseover', 'focusin']) {
  document.addEventListener(kind, event => {
    const row = event.target.closest?.('tr[data-row]');
    for (const lit of document.querySelectorAll('tr.lit')) lit.classList.remove('lit');
    if (row) for (const same of document.querySelectorAll(`tr[data-row="${row.dataset.row}"]`)) same.classList.add('lit');
  });
}
