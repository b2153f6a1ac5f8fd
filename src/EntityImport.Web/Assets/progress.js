// How far an import or a plan is, as its events say: figures, and rows a second as a curve. It connects again by itself, and lets go while nobody looks.
const count = number => Math.round(number).toLocaleString('en-US');
const PHASES = { QUEUED: 'waits for its turn', PLANNING: 'reads the header', LOADING: 'reads the rows', MERGING: 'brings them into the entity', ENDED: 'has ended' };
const MOST = 600;
const RECONNECTING = 'Reconnecting… The service does its work meanwhile.';
// A browser has six connections to a server over HTTP/1.1, for all of its tabs and windows: no more than these keep one each, and others ask now and then.
const STREAMS = 4, ASKED_EVERY = 2000;

// A function that gives the place back among those that keep a connection; null where all are taken.
async function takePlace() {
  if (!navigator.locks) return () => {};
  for (let number = 0; number < STREAMS; number++) {
    // A browser that keeps no such places, as by a setting, keeps a connection all the same.
    const free = await new Promise(done => navigator.locks.request(`eis:events:${number}`, { ifAvailable: true }, lock => lock ? new Promise(done) : done(null)).catch(() => done(() => {})));
    if (free) return free;
  }
  return null;
}

function bytes(size) {
  let unit = -1;
  if (size < 1000) return `${size} B`;
  while (size >= 999.95 && unit < 4) { size /= 1000; unit++; }
  return `${size.toFixed(1)} ${'kMGTP'[unit]}B`;
}

function duration(seconds) {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

// What follows the events of its data-events while somebody looks. It shows details, ends with them, and asks by itself where all connections are taken.
class Live extends HTMLElement {
  begin() {
    this.look = () => document.hidden ? this.close() : this.open();
    document.addEventListener('visibilitychange', this.look);
    this.look();
  }

  disconnectedCallback() {
    document.removeEventListener('visibilitychange', this.look);
    this.close();
  }

  async open() {
    if (this.turn) return;
    const turn = this.turn = {};
    const free = await takePlace();
    if (this.turn !== turn) free?.();
    else if (free) this.listen(turn, free);
    else this.ask(turn);
  }

  listen(turn, free) {
    turn.free = free;
    const source = turn.source = new EventSource(this.dataset.events);
    source.addEventListener('progress', event => this.show(JSON.parse(event.data)));
    source.addEventListener('ended', event => this.end(JSON.parse(event.data)));
    source.addEventListener('open', () => this.set('connection', ''));
    source.addEventListener('error', () => {
      this.set('connection', RECONNECTING);
      // A browser that was answered with something else than events gives up; a server that starts again answers so.
      if (source.readyState === EventSource.CLOSED) this.later(1000);
    });
  }

  // Begins anew after a while, with a connection of its own where there is a place by then.
  later(wait) {
    this.close();
    this.again = setTimeout(() => { if (!document.hidden && this.isConnected) this.open(); }, wait);
  }

  close() {
    clearTimeout(this.again);
    this.turn?.source?.close();
    this.turn?.free?.();
    this.turn = null;
  }

  set() {}
}

customElements.define('eis-progress', class extends Live {
  connectedCallback() {
    // What was before the page was opened, as the server knows it.
    this.points = [...this.querySelectorAll('[data-live="points"] tr')].map((row, i, all) => {
      const [at, rows] = [...row.querySelectorAll('[data-value]')].map(cell => Number(cell.dataset.value));
      const [before, had] = i ? [...all[i - 1].querySelectorAll('[data-value]')].map(cell => Number(cell.dataset.value)) : [at, rows];
      return { at, rows, rate: at > before ? (rows - had) / (at - before) : 0 };
    });
    this.begun = performance.now() - (this.points.at(-1)?.at ?? 0) * 1000;
    this.begin();
  }

  async ask(turn) {
    const details = await fetch(this.dataset.events.replace(/\/events$/, '')).then(answer => answer.ok ? answer.json() : null).catch(() => null);
    if (this.turn !== turn) return;
    this.set('connection', details ? '' : RECONNECTING);
    if (details && ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(details.state ?? details.plan?.state)) {
      this.end(details);
      return;
    }
    if (details) this.show(details);
    this.later(ASKED_EVERY);
  }

  set(name, text) {
    const place = this.querySelector(`[data-live="${name}"]`);
    if (place && place.textContent !== text) place.textContent = text;
  }

  show(details) {
    const progress = details.progress;
    if (!progress) return;
    this.set('phase', PHASES[progress.phase] ?? progress.phase);
    this.set('rows', count(progress.recordsRead));
    this.set('rejected', count((details.ledger ?? details.plan?.ledger)?.rejected ?? 0));
    this.set('bytes', `${bytes(progress.bytesRead)} of ${bytes(progress.bytesTotal)}`);
    this.set('left', progress.estimatedSecondsLeft == null ? '–' : duration(progress.estimatedSecondsLeft));
    const bar = this.querySelector('progress');
    bar.max = Math.max(1, progress.bytesTotal);
    bar.value = progress.bytesRead;
    this.draw(progress);
  }

  draw(progress) {
    const at = (performance.now() - this.begun) / 1000;
    const last = this.points.at(-1);
    const rate = last && at > last.at ? Math.max(0, (progress.recordsRead - last.rows) / (at - last.at)) : progress.recordsPerSecond;
    this.points.push({ at, rows: progress.recordsRead, rate });
    // Beyond what a curve can show, every second point goes.
    if (this.points.length > MOST) this.points = this.points.filter((_, i) => i % 2 === 0 || i === this.points.length - 1);
    const top = Math.max(1, ...this.points.map(point => point.rate)), end = Math.max(1, at);
    const line = this.points.map((point, i) => `${i ? 'L' : 'M'}${(point.at / end * 600).toFixed(1)} ${(118 - point.rate / top * 112).toFixed(1)}`).join('');
    this.querySelector('.curve .line').setAttribute('d', line);
    this.querySelector('.curve .wash').setAttribute('d', this.points.length > 1 ? `${line}L600 120L${(this.points[0].at / end * 600).toFixed(1)} 120Z` : '');
    this.set('rate', count(progress.recordsPerSecond));
    this.set('peak', `at most ${count(top)} rows/s`);
    if (this.querySelector('.points').open || this.points.length < 3) this.table();
  }

  table() {
    const rows = this.points.map(point => {
      const row = document.createElement('tr');
      for (const text of [point.at.toFixed(1), count(point.rows), count(point.rate)]) {
        const cell = document.createElement('td');
        cell.className = 'figure';
        cell.textContent = text;
        row.append(cell);
      }
      return row;
    });
    this.querySelector('[data-live="points"]').replaceChildren(...rows);
  }

  async end(details) {
    this.show(details);
    this.close();
    // From a server that is away now, the page is asked for once it tells the end again.
    if (!await globalThis.eis.swap(location.href, ['page'])) {
      this.later(ASKED_EVERY);
      return;
    }
    document.querySelector('h1')?.setAttribute('tabindex', '-1');
    globalThis.eis.say('It has ended.');
  }
});

// All imports that run, on a page that lists them: how far those are that it shows, and the list anew when one comes, begins to run, or ends.
customElements.define('eis-imports', class extends Live {
  connectedCallback() {
    this.latest = new Map();
    this.swapped = () => this.latest.forEach(details => this.tell(details));
    document.addEventListener('eis:swapped', this.swapped);
    this.begin();
  }

  disconnectedCallback() {
    document.removeEventListener('eis:swapped', this.swapped);
    clearTimeout(this.renewing);
    super.disconnectedCallback();
  }

  async ask(turn) {
    // From a server that is away no page can be had anew.
    const isThere = await fetch('/health/live').then(answer => answer.ok, () => false);
    if (this.turn !== turn) return;
    if (isThere) this.renew();
    this.later(this.querySelector('[data-import]') ? ASKED_EVERY : 5 * ASKED_EVERY);
  }

  show(details) {
    const before = this.latest.get(details.importId);
    if (before || this.latest.size < MOST) this.latest.set(details.importId, details);
    this.tell(details);
    if (this.latest.has(details.importId) && before?.state !== details.state && this.lineOf(details)?.dataset.state !== details.state) this.renew();
  }

  end(details) {
    this.latest.delete(details.importId);
    this.renew();
  }

  lineOf(details) { return this.querySelector(`[data-import="${details.importId}"]`); }

  tell(details) {
    const line = this.lineOf(details);
    if (!line || !details.progress || details.state !== 'RUNNING') return;
    const bar = line.querySelector('progress');
    bar.hidden = false;
    bar.max = Math.max(1, details.progress.bytesTotal);
    bar.value = details.progress.bytesRead;
    line.querySelector('[data-live="rows"]').textContent = `${count(details.progress.recordsRead)} rows`;
  }

  async renew() {
    clearTimeout(this.renewing);
    if (await globalThis.eis.swap(location.href, ['work'])) clearTimeout(this.renewing);
    else if (this.isConnected) this.renewing = setTimeout(() => this.renew(), ASKED_EVERY);
  }
});
