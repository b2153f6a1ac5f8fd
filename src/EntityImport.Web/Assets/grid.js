// Rejected rows as a sheet. Only the rows that are seen are in the document; they are asked for in blocks, by their place in the list. What somebody makes of them is kept by the service a moment later, and read from there again:
// a reload, a restart or somebody else goes on where it was. One cell has the focus, and keeps it where its row is scrolled out of sight.
const BLOCK = 200, ROW = 32, MOST_PIXELS = 8_000_000, KEPT_BLOCKS = 24, SAVE_AFTER = 300, AT_ONCE = 1000, MOST_MARKED = 5000, MOST_UNDOS = 1000, FOLDED_ABOVE = 6;
const count = number => number.toLocaleString('en-US');
const STATES = { LEFT: ['!', 'stands out'], READY: ['✓', 'ready'], DROPPED: ['∕', 'left out'], REPAIRED: ['✓', 'went in'] };

// A text as it stands: what nobody could see, or what would turn the line around, as an escape; spaces at the ends as dots.
const NAMED = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };
function verbatim(text) {
  const shown = text.length > 200 ? text.slice(0, 200) : text;
  const first = shown.length - shown.replace(/^ +/, '').length, last = shown === text ? shown.replace(/ +$/, '').length : shown.length;
  return shown.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Zs}\uFFFD-\uFFFF]/gu, (c, at) => c === ' ' ? (at < first || at >= last ? '·' : ' ')
    : NAMED[c] ?? [...Array(c.length).keys()].map(i => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')) + (shown === text ? '' : '…');
}

function make(name, classes, text) {
  const element = document.createElement(name);
  if (classes) element.className = classes;
  if (text !== undefined) element.textContent = text;
  return element;
}

// Tab-separated texts as spreadsheets copy them: what holds a tab, a line end or a quote stands in quotes.
const toTsv = rows => rows.map(row => row.map(text => /["\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text).join('\t')).join('\n');
function fromTsv(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"(?=\t|\r\n?|\n|$)|([^\t\r\n]*))(\t|\r\n?|\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') break;
    if (end !== '\t') rows.push([]);
  }
  if (rows.length > 1 && rows.at(-1).length === 1 && rows.at(-1)[0] === '') rows.pop();
  return rows;
}

const sameColumns = (a, b) => {
  const [one, other] = [Object.entries(a ?? {}), b ?? {}];
  return one.length === Object.keys(other).length && one.every(([column, text]) => other[column] === text);
};
const sameEdit = (a, b) => sameColumns(a.columns, b.columns) && a.dropped === b.dropped;
const editOf = row => ({ columns: row.edit?.columns ?? null, dropped: row.edit?.dropped ?? false });

class Refused extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

customElements.define('eis-grid', class extends HTMLElement {
  connectedCallback() {
    // On a narrow screen the list below stays, a card for each row.
    if (this.view || matchMedia('(max-width: 760px)').matches) return;
    this.calls = `/v1/EntityImport/imports/${this.dataset.import}`;
    this.cause = this.dataset.cause ?? '';
    this.total = Number(this.dataset.total);
    this.version = Number(this.dataset.version);
    this.columns = JSON.parse(this.dataset.columns);
    const faulted = new Set(JSON.parse(this.dataset.faulted));
    this.folded = this.columns.length > FOLDED_ABOVE ? this.columns.flatMap((name, column) => column < 2 || faulted.has(name) ? [column] : []) : null;
    this.blocks = new Map();
    this.asked = new Map();
    this.rows = new Map();
    this.pending = new Map();
    this.conflicts = new Map();
    this.bases = new Map();
    this.tab = `${Math.random()}`;
    this.atOnce = AT_ONCE;
    this.undone = [];
    this.done = [];
    this.first = 0;
    this.active = { index: Math.min(Math.max(0, Number(this.dataset.first)), Math.max(0, this.total - 1)), cell: 3 + Math.max(0, this.shown.findIndex(column => this.columns[column] === this.dataset.column)) };
    this.anchor = null;
    this.build();
    this.restore();
    this.show(this.active.index);
    if (this.total) this.sight(this.cellOf(this.rows.get(this.active.index), this.active.cell));
    this.resized = new ResizeObserver(() => this.measure());
    this.resized.observe(this.view);
    this.leave = () => this.keep(true);
    addEventListener('pagehide', this.leave);
    this.look = () => { if (!document.hidden) this.tally(); };
    document.addEventListener('visibilitychange', this.look);
    this.planning = event => this.flush(event);
    document.addEventListener('submit', this.planning);
  }

  disconnectedCallback() {
    this.resized?.disconnect();
    removeEventListener('pagehide', this.leave);
    document.removeEventListener('visibilitychange', this.look);
    document.removeEventListener('submit', this.planning);
  }

  // ---- What is in the document

  build() {
    this.replaceChildren();
    this.tools = make('div', 'grid-tools');
    this.tools.setAttribute('role', 'group');
    this.tools.setAttribute('aria-label', 'What can be done with the rows');
    this.button = (text, act) => {
      const button = make('button', 'small secondary', text);
      button.type = 'button';
      button.addEventListener('click', act);
      this.tools.append(button);
      return button;
    };
    // Before anybody was in the sheet, the first that stands out is the next.
    this.button('Next that stands out', () => this.seek(1, this.isEntered ? this.active : { ...this.active, cell: -1 }).then(() => this.focusCell()));
    this.undoButton = this.button('Undo', () => this.turn(this.done, this.undone, 'before'));
    this.redoButton = this.button('Redo', () => this.turn(this.undone, this.done, 'after'));
    this.button('Leave rows out', () => this.drop());
    if (this.folded) this.foldButton = this.button('', () => this.fold());
    const keys = make('details', 'grid-keys');
    keys.append(make('summary', '', 'Keys'));
    const list = make('dl', 'facts tall');
    for (const [key, does] of [['Arrows, Home, End, PgUp, PgDn', 'go; with Ctrl to the ends, with Shift mark'], ['Enter, F2', 'edit; Esc goes back, Tab keeps it and goes on'], ['n, p', 'next and previous value that stands out'], ['Ctrl+Enter', 'the same change for all rows of the cause, where it is offered'],
      ['Ctrl+Z, Ctrl+Y', 'undo, redo'], ['Ctrl+C, Ctrl+V', 'copy and paste blocks'], ['Del', 'empty'], ['Ctrl+Del', 'leave the row out, or not']]) {
      const line = make('div');
      line.append(make('dt', '', key), make('dd', '', does));
      list.append(line);
    }
    keys.append(list);
    this.tools.append(keys, make('span', 'muted small', 'Enter or a double click on a value corrects it. Each change is saved.'));
    this.offer = make('div', 'grid-offer');
    this.offer.setAttribute('role', 'status');
    this.clash = make('div', 'grid-clash');
    this.clash.setAttribute('role', 'alert');
    this.view = make('div', 'grid-view');
    this.view.setAttribute('role', 'grid');
    this.view.setAttribute('aria-label', 'Rejected rows');
    this.view.setAttribute('aria-multiselectable', 'true');
    this.view.setAttribute('aria-rowcount', this.total + 1);
    this.head = make('div', 'grid-row grid-head');
    this.head.setAttribute('role', 'row');
    this.head.setAttribute('aria-rowindex', '1');
    const head = make('div');
    head.setAttribute('role', 'rowgroup');
    head.className = 'grid-top';
    head.append(this.head);
    this.space = make('div', 'grid-space');
    this.space.setAttribute('role', 'presentation');
    this.body = make('div', 'grid-rows');
    this.body.setAttribute('role', 'rowgroup');
    this.space.append(this.body);
    this.view.append(head, this.space);
    this.append(this.tools, this.offer, this.clash, this.view);
    // Sizes are rules of a sheet of its own: no element has a style attribute, which the policy forbids.
    this.sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.sheet];
    this.layout();
    this.view.addEventListener('scroll', () => this.scrolled());
    this.view.addEventListener('keydown', event => this.key(event));
    this.view.addEventListener('mousedown', event => this.press(event));
    this.view.addEventListener('dblclick', event => { if (event.target.closest('[role=gridcell]') && !this.editor) this.edit(); });
    this.view.addEventListener('copy', event => this.copy(event));
    this.view.addEventListener('paste', event => this.paste(event));
    this.view.addEventListener('focusin', event => {
      this.isEntered = true;
      const cell = event.target.closest('[data-cell]');
      if (!cell || this.editor) return;
      const index = Number(cell.parentElement.dataset.index);
      if (index === this.active.index && cell === this.cellOf(cell.parentElement, this.active.cell)) this.show(index);
      else this.moveTo(index, Number(cell.dataset.cell), { focus: false });
    });
    this.tell();
  }

  // What is not saved yet goes before the plan is made, which is not made without what was refused, or is somebody else's so far.
  async flush(event) {
    if (!event.target.matches('[data-repair-plan]')) return;
    this.finish(true);
    if (this.pending.size === 0 && !this.isSaving && this.conflicts.size === 0) return;
    event.preventDefault();
    this.refused = false;
    while (this.pending.size || this.isSaving) {
      await this.save();
      if (this.failed) return;
    }
    if (this.refused) return;
    if (this.conflicts.size) {
      globalThis.eis.say('Say first whose change of these rows holds.');
      this.clash.querySelector('button').focus();
      return;
    }
    event.target.requestSubmit();
  }

  get shown() { return this.folded ?? this.all; }

  get all() { return this.allColumns ??= this.columns.map((_, column) => column); }

  get lastCell() { return this.shown.length + 3; }

  // Which column of the file a cell shows; -1 for the others.
  columnAt(cell) { return cell >= 3 && cell < this.lastCell ? this.shown[cell - 3] : -1; }

  fold() {
    this.ended = null;
    const column = this.columnAt(this.active.cell);
    [this.folded, this.unfolded] = this.folded ? [null, this.folded] : [this.unfolded, null];
    const at = this.shown.indexOf(column);
    this.active.cell = at >= 0 ? at + 3 : Math.min(this.active.cell, this.lastCell);
    this.anchor = null;
    for (const element of this.rows.values()) element.remove();
    this.rows.clear();
    this.layout();
    this.measure();
  }

  layout() {
    const columns = this.shown.length;
    if (this.foldButton) this.foldButton.textContent = this.folded ? `Show all ${this.columns.length} columns` : 'Show the columns that stand out';
    this.view.setAttribute('aria-colcount', columns + 4);
    this.sheet.replaceSync(`
      .grid-row { grid-template-columns: 76px 76px 108px repeat(${columns}, minmax(132px, 1fr)) minmax(280px, 2fr); }
      .grid-row > .whole { grid-column: span ${Math.max(1, columns)}; }
      .grid-top, .grid-space { min-width: ${76 + 76 + 108 + 132 * columns + 280}px; }
      .grid-space { height: ${Math.min(this.total * ROW, MOST_PIXELS)}px; }`);
    this.head.replaceChildren();
    for (const [cell, name] of ['Row', 'Line', 'It is', ...this.shown.map(column => verbatim(this.columns[column])), 'Reason'].entries()) {
      const title = make('div', cell < 2 ? 'figure' : '', name);
      title.setAttribute('role', 'columnheader');
      title.setAttribute('aria-colindex', cell + 1);
      title.title = name;
      this.head.append(title);
    }
  }

  measure() {
    const visible = Math.max(1, Math.floor((this.view.clientHeight - ROW) / ROW));
    if (visible !== this.visible) this.visible = visible;
    this.goTo(Math.min(this.first, this.furthest));
  }

  get furthest() { return Math.max(0, this.total - (this.visible ?? 1)); }

  get travel() { return Math.max(0, this.space.offsetHeight + ROW - this.view.clientHeight); }

  // Puts a row at the top. Above some millions of pixels, which no browser has more of, a pixel of the scrollbar is more than a pixel of the sheet.
  goTo(first) {
    this.first = Math.max(0, Math.min(first, this.furthest));
    const top = this.furthest ? this.first / this.furthest * this.travel : 0;
    if (Math.abs(this.view.scrollTop - top) >= 1) this.view.scrollTop = top;
    this.set = this.view.scrollTop;
    this.render();
  }

  scrolled() {
    if (Math.abs(this.view.scrollTop - this.set) < 1) return;
    this.set = this.view.scrollTop;
    const first = this.travel ? Math.round(this.set / this.travel * this.furthest) : 0;
    if (first !== this.first) {
      this.first = first;
      this.render();
    }
  }

  // Brings a row into sight, and shows it.
  show(index) {
    this.visible ??= Math.max(1, Math.floor((this.view.clientHeight - ROW) / ROW));
    if (index < this.first) this.goTo(index);
    else if (index >= this.first + this.visible) this.goTo(index - this.visible + 1);
    else this.render();
  }

  render() {
    const last = Math.min(this.first + this.visible, this.total);
    const wanted = [];
    if (this.active.index < this.first) wanted.push(this.active.index);
    for (let index = this.first; index < last; index++) wanted.push(index);
    if (this.active.index >= last && this.total) wanted.push(this.active.index);
    const kept = new Set(wanted);
    for (const [index, element] of this.rows) {
      if (kept.has(index)) continue;
      element.remove();
      this.rows.delete(index);
    }
    // Those that stay are in order already, and are not moved: moving would take the focus from them.
    let next = this.body.firstElementChild;
    for (const index of wanted) {
      let element = this.rows.get(index);
      if (element) next = element.nextElementSibling;
      else {
        this.rows.set(index, element = this.makeRow(index));
        this.body.insertBefore(element, next);
      }
      element.classList.toggle('away', index < this.first || index >= last);
      this.fill(index);
    }
    this.want();
  }

  makeRow(index) {
    const element = make('div', 'grid-row');
    element.setAttribute('role', 'row');
    element.setAttribute('aria-rowindex', index + 2);
    element.dataset.index = index;
    for (let cell = 0; cell <= this.lastCell; cell++) {
      const part = make('div', cell < 2 ? 'figure' : cell === 2 ? 'row-state' : cell === this.lastCell ? 'why' : 'text');
      part.setAttribute('role', cell === 0 ? 'rowheader' : 'gridcell');
      part.setAttribute('aria-colindex', cell + 1);
      part.dataset.cell = cell;
      if (cell < 3 || cell === this.lastCell) part.setAttribute('aria-readonly', 'true');
      part.tabIndex = -1;
      element.append(part);
    }
    return element;
  }

  // The cell that stands for one: a record without columns has one for all of them.
  cellOf(element, cell) {
    const part = element.children[cell];
    return part.hidden ? element.children[3] : part;
  }

  fill(index) {
    const element = this.rows.get(index);
    if (!element) return;
    const row = this.rowAt(index), own = row && this.pending.get(row.row);
    if (row) element.removeAttribute('aria-busy');
    else element.setAttribute('aria-busy', 'true');
    element.classList.toggle('waits', !row);
    const whole = !!row && !this.fieldsOf(row);
    const reasons = row && !own ? row.reasons : [];
    const marked = this.marked();
    for (const part of element.children) {
      const cell = Number(part.dataset.cell);
      const column = this.columnAt(cell);
      const isActive = index === this.active.index && part === this.cellOf(element, this.active.cell);
      part.tabIndex = isActive ? 0 : -1;
      if (marked && index >= marked.from && index <= marked.to && cell >= marked.left && cell <= marked.right) part.setAttribute('aria-selected', 'true');
      else part.removeAttribute('aria-selected');
      if (this.editor?.parentElement === part) continue;
      if (column >= 0 && this.shown.length > 1) {
        part.hidden = whole && cell > 3;
        part.classList.toggle('whole', whole && cell === 3);
        if (whole && cell === 3) part.setAttribute('aria-colspan', this.shown.length);
        else part.removeAttribute('aria-colspan');
      }
      if (!row) {
        part.textContent = cell === 0 ? '…' : '';
        part.classList.remove('bad', 'changed');
        part.removeAttribute('aria-invalid');
        part.removeAttribute('aria-describedby');
      } else if (cell === 0) part.textContent = count(row.row);
      else if (cell === 1) part.textContent = count(row.line);
      else if (cell === 2) this.fillState(part, row, own);
      else if (cell === this.lastCell) this.fillReasons(part, row, reasons);
      else this.fillText(part, row, column, whole, reasons);
    }
  }

  fillState(part, row, own) {
    const [sign, word] = own ? own.after.dropped ? STATES.DROPPED : ['…', 'saving'] : STATES[row.state] ?? ['', row.state];
    const mark = make('span', '', sign);
    mark.setAttribute('aria-hidden', 'true');
    part.classList.toggle('rejected', !own && row.state === 'LEFT');
    part.replaceChildren(mark, ` ${word}`);
  }

  fillReasons(part, row, reasons) {
    part.replaceChildren(...reasons.flatMap((reason, i) => {
      const why = make('span', '', `${reason.column === null ? '' : `${verbatim(reason.column)}: `}${reason.message}`);
      why.id = `why-${row.row}-${i}`;
      return i ? ['; ', why] : [why];
    }));
    part.title = part.textContent;
  }

  fillText(part, row, column, whole, reasons) {
    const text = whole ? row.record : this.textOf(row, column);
    const was = row.raw?.[column];
    const why = whole ? reasons.map((_, i) => i) : reasons.flatMap((reason, i) => reason.column === this.columns[column] ? [i] : []);
    const isBad = why.length > 0;
    const changed = !whole && was !== undefined && was !== text;
    part.classList.toggle('bad', isBad);
    part.classList.toggle('changed', changed);
    if (isBad) {
      part.setAttribute('aria-invalid', 'true');
      part.setAttribute('aria-describedby', why.map(i => `why-${row.row}-${i}`).join(' '));
    } else {
      part.removeAttribute('aria-invalid');
      part.removeAttribute('aria-describedby');
    }
    part.title = changed ? `was ${verbatim(was)}` : '';
    const shown = verbatim(text);
    if (isBad) {
      const sign = make('span', 'grid-sign', '!');
      sign.setAttribute('aria-hidden', 'true');
      part.replaceChildren(sign, shown);
    } else part.textContent = shown;
  }

  // ---- What the rows are

  rowAt(index) { return this.blocks.get(Math.floor(index / BLOCK))?.[index % BLOCK]; }

  // A row's fields as they are by now, with what is not saved yet; null for a record that has no columns.
  fieldsOf(row) {
    const own = this.pending.get(row.row);
    if (!own) return row.fields;
    if (!own.after.columns) return row.edit?.columns ? row.raw : row.fields;
    const fields = [...row.fields ?? row.raw ?? this.columns.map(() => '')];
    for (const [column, text] of Object.entries(own.after.columns)) fields[column - 1] = text;
    return fields;
  }

  textOf(row, column) { return this.fieldsOf(row)?.[column] ?? ''; }

  // Asks for what is in sight, and for what comes next where somebody goes on.
  want() {
    const wanted = [this.first, this.first + this.visible - 1, this.active.index, this.first + this.visible + 60, this.first - 60]
      .map(index => Math.floor(Math.max(0, Math.min(index, this.total - 1)) / BLOCK));
    this.wanted = [...new Set(wanted)].filter(block => !this.blocks.has(block) && !this.asked.has(block));
    while (this.total && this.wanted.length && this.asked.size < 2) this.load(this.wanted.shift());
  }

  load(block) {
    const asking = this.read(block).then(rows => {
      this.asked.delete(block);
      if (rows) {
        this.blocks.set(block, rows);
        this.forget(block);
        for (const index of this.rows.keys()) if (Math.floor(index / BLOCK) === block) this.fill(index);
      }
      this.want();
    }, fault => {
      this.asked.delete(block);
      this.tellState(`The rows cannot be read: ${fault.message}`);
      clearTimeout(this.rereading);
      this.rereading = setTimeout(() => this.want(), 2000);
    });
    this.asked.set(block, asking);
    return asking;
  }

  async read(block) {
    const era = this.era;
    const from = block * BLOCK, to = Math.min(from + BLOCK, this.total);
    const rejected = [];
    // A page of very long rows may be shorter than it was asked for.
    while (from + rejected.length < to) {
      const query = new URLSearchParams({ limit: to - from - rejected.length, offset: from + rejected.length });
      if (this.cause) query.set('cause', this.cause);
      const page = await this.ask('GET', `/errors?${query}`);
      if (page.errors.length === 0) break;
      rejected.push(...page.errors);
    }
    const checked = rejected.length ? (await this.ask('POST', '/repair/check', { rows: rejected.map(row => row.row) })).rows : [];
    // What was asked before a cure came is asked again.
    if (era !== this.era) return null;
    return rejected.map((row, i) => ({ row: row.row, line: row.line, record: row.record, raw: row.fields, why: row.reasons, ...pick(checked[i]) }));
  }

  // Keeps the blocks next to what is looked at.
  forget(near) {
    if (this.blocks.size <= KEPT_BLOCKS) return;
    const here = [near, Math.floor(this.first / BLOCK), Math.floor(this.active.index / BLOCK)];
    const far = [...this.blocks.keys()].sort((a, b) => distance(b) - distance(a));
    for (const block of far.slice(0, this.blocks.size - KEPT_BLOCKS)) this.blocks.delete(block);
    function distance(block) { return Math.min(...here.map(other => Math.abs(other - block))); }
  }

  async rowsOf(from, to) {
    const found = [];
    for (let block = Math.floor(from / BLOCK); block <= Math.floor(to / BLOCK); block++) {
      while (!this.blocks.has(block)) {
        await (this.asked.get(block) ?? this.load(block));
        if (!this.blocks.has(block)) await new Promise(resolve => setTimeout(resolve, 200));
      }
      found.push(...this.blocks.get(block).slice(Math.max(0, from - block * BLOCK), to - block * BLOCK + 1));
    }
    return found;
  }

  reload() {
    this.ended = null;
    this.era = (this.era ?? 0) + 1;
    this.blocks.clear();
    this.bases.clear();
    this.render();
  }

  async ask(method, path, body, headers, signal) {
    const answer = await fetch(this.calls + path, {
      signal, method, headers: { Accept: 'application/json', ...body && { 'Content-Type': 'application/json' }, ...headers }, body: body && JSON.stringify(body),
    });
    const said = await answer.json();
    if (!answer.ok) throw new Refused({ status: answer.status, ...said });
    return said;
  }

  // ---- Going about

  moveTo(index, cell, { focus = true, mark = false } = {}) {
    if (!this.total) return;
    const before = this.active;
    if (mark) this.anchor ??= { ...before };
    else if (index !== before.index || cell !== before.cell) this.anchor = null;
    this.active = { index: Math.max(0, Math.min(index, this.total - 1)), cell: Math.max(0, Math.min(cell, this.lastCell)) };
    this.show(this.active.index);
    if (focus) this.focusCell();
  }

  focusCell() {
    const element = this.rows.get(this.active.index);
    if (!element) return;
    const part = this.cellOf(element, this.active.cell);
    part.focus({ preventScroll: true });
    this.sight(part);
  }

  // Brings a cell into sight sideways.
  sight(part) {
    // The cells that stand still must not cover it.
    const [box, view] = [part.getBoundingClientRect(), this.view.getBoundingClientRect()];
    if (this.active.cell > 0 && box.left < view.left + 76) this.view.scrollLeft -= view.left + 76 - box.left;
    else if (box.right > view.right) this.view.scrollLeft += Math.min(box.right - view.right, box.left - view.left - 76);
  }

  marked() {
    if (!this.anchor) return null;
    const [a, b] = [this.anchor, this.active];
    return { from: Math.min(a.index, b.index), to: Math.max(a.index, b.index), left: Math.min(a.cell, b.cell), right: Math.max(a.cell, b.cell) };
  }

  block() { return this.marked() ?? { from: this.active.index, to: this.active.index, left: this.active.cell, right: this.active.cell }; }

  press(event) {
    const part = event.target.closest('[data-cell]');
    if (!part || event.button !== 0 || (this.editor && part.contains(this.editor))) return;
    event.preventDefault();
    this.finish(true);
    this.ended = null;
    this.moveTo(Number(part.parentElement.dataset.index), Number(part.dataset.cell), { mark: event.shiftKey });
  }

  key(event) {
    if (this.editor) return;
    const control = event.ctrlKey || event.metaKey;
    // Enter goes on to the next row; n finds what comes after the value that it has ended all the same, and p, after Shift+Enter, what comes before it.
    const { ended } = this;
    if (!['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) this.ended = null;
    const { index, cell } = this.active;
    const go = (to, at) => this.moveTo(to, at, { mark: event.shiftKey });
    const act = {
      ArrowDown: () => go(control ? this.total - 1 : index + 1, cell), ArrowUp: () => go(control ? 0 : index - 1, cell),
      ArrowRight: () => go(index, control ? this.lastCell : cell + 1), ArrowLeft: () => go(index, control ? 0 : this.isWhole(index) && cell > 3 && cell < this.lastCell ? 2 : cell - 1),
      Home: () => go(control ? 0 : index, 0), End: () => go(control ? this.total - 1 : index, this.lastCell),
      PageDown: () => go(index + this.visible, cell), PageUp: () => go(index - this.visible, cell),
      Enter: () => control ? this.same() : this.edit(), F2: () => this.edit(),
      Delete: () => control ? this.drop() : this.empty(),
      Escape: () => { this.anchor = null; this.render(); },
    }[event.key];
    if (event.key === 'ArrowRight' && !control && this.isWhole(index) && cell >= 3 && cell < this.lastCell) go(index, this.lastCell);
    else if (act) act();
    else if (!control && !event.altKey && (event.key === 'n' || event.key === 'p')) this.seek(event.key === 'n' ? 1 : -1, ended?.step === (event.key === 'n' ? 1 : -1) ? ended : this.active).then(() => this.focusCell());
    else if (control && (event.key === 'y' || event.key === 'Z')) this.turn(this.undone, this.done, 'after');
    else if (control && event.key === 'z') this.turn(this.done, this.undone, 'before');
    else if (control && event.key === 'a') { this.anchor = { index: 0, cell: 0 }; this.moveTo(Math.min(this.total, MOST_MARKED) - 1, this.lastCell, { mark: true }); } else {
      if (!control && !event.altKey && event.key.length === 1) globalThis.eis.say('Enter begins to correct a value; letters do nothing before.');
      return;
    }
    this.seeking = event.key === 'n' || event.key === 'p' ? this.seeking : null;
    event.preventDefault();
  }

  isWhole(index) {
    const row = this.rowAt(index);
    return !!row && !this.fieldsOf(row);
  }

  // The cells of a row that stand out; what is about no column is in the last one.
  badCells(row) {
    if (this.pending.has(row.row)) return [];
    if (!row.fields) return row.state === 'LEFT' ? [3] : [];
    return [...new Set(row.reasons.map(reason => {
      const at = this.shown.findIndex(column => this.columns[column] === reason.column);
      return at < 0 ? this.lastCell : at + 3;
    }))].sort((a, b) => a - b);
  }

  async seek(step, from = this.active) {
    const own = this.seeking = {};
    let { index, cell } = from;
    if (this.isWhole(index) && cell > 3 && cell < this.lastCell) cell = step > 0 ? this.lastCell - 1 : 3;
    for (; index >= 0 && index < this.total; index += step, cell = step > 0 ? -1 : this.lastCell + 1) {
      if (!this.rowAt(index)) await this.rowsOf(index, index);
      if (this.seeking !== own) return;
      const bad = this.badCells(this.rowAt(index)).filter(at => step > 0 ? at > cell : at < cell);
      if (bad.length) {
        this.moveTo(index, step > 0 ? bad[0] : bad.at(-1), { focus: false });
        return;
      }
    }
    globalThis.eis.say(step > 0 ? 'Nothing further down stands out.' : 'Nothing further up stands out.');
  }

  // ---- Editing

  edit() {
    const { index } = this.active, row = this.rowAt(index);
    if (!row && this.total) globalThis.eis.say('The row is still being read.');
    if (!row || row.state === 'REPAIRED') return;
    if (!this.fieldsOf(row)) {
      // A record without columns is split in a form of its own.
      this.keep(true);
      const address = new URL(this.dataset.rowAddress, location.href);
      address.searchParams.set('at', index);
      address.hash = 'row';
      location.assign(address);
      return;
    }
    const column = this.columnAt(this.active.cell);
    if (column < 0) return;
    const part = this.cellOf(this.rows.get(index), this.active.cell);
    const editor = make('textarea');
    editor.rows = 1;
    editor.spellcheck = false;
    editor.setAttribute('aria-label', `${verbatim(this.columns[column])} of row ${count(row.row)}`);
    if (part.hasAttribute('aria-describedby')) editor.setAttribute('aria-describedby', part.getAttribute('aria-describedby'));
    editor.value = this.textOf(row, column);
    const begun = editor.value;
    this.editor = editor;
    part.replaceChildren(editor);
    part.classList.add('edited');
    editor.focus();
    editor.select();
    const end = keep => {
      if (this.editor !== editor) return;
      this.editor = null;
      part.classList.remove('edited');
      // A browser makes line ends its own: what nobody touched stays as it was.
      if (keep && editor.value !== begun) {
        const now = this.find(row.row) ?? row, { columns, dropped } = this.made(now);
        if (this.textOf(now, column) === begun) this.change([{ row: now, columns: { [column + 1]: editor.value } }], { row: now, column, text: editor.value });
        else this.contest(row.row, { mine: { columns: { ...columns, [column + 1]: editor.value }, dropped }, theirs: editOf(now), base: editOf(row) });
      }
      editor.remove();
      this.fill(index);
    };
    this.finish = keep => { if (this.editor) end(keep); };
    editor.addEventListener('blur', () => end(true));
    editor.addEventListener('keydown', event => {
      event.stopPropagation();
      if (event.key === 'Escape' || (event.key === 'Enter' && !event.altKey) || event.key === 'Tab') {
        event.preventDefault();
        end(event.key !== 'Escape');
        if (event.key === 'Tab') this.goOn(event.shiftKey ? -1 : 1);
        else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
          const step = event.shiftKey ? -1 : 1, ended = { ...this.active, step };
          this.moveTo(this.active.index + step, this.active.cell);
          this.ended = ended;
        }
        else this.focusCell();
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.same();
      } else if (event.key === 'Enter') {
        event.preventDefault();
        editor.setRangeText('\n', editor.selectionStart, editor.selectionEnd, 'end');
      }
    });
  }

  finish() {}

  goOn(step) {
    let { index, cell } = this.active;
    cell += step;
    if (this.columnAt(cell) < 0) [index, cell] = step > 0 ? [index + 1, 3] : [index - 1, this.lastCell - 1];
    this.moveTo(index, cell);
  }

  made(row) { return this.pending.get(row.row)?.after ?? editOf(row); }

  // Changes rows: columns is what texts fields are given, dropped whether a row is left out.
  change(changes, edited) {
    const steps = [];
    for (const { row, columns, dropped } of changes) {
      if (row.state === 'REPAIRED') continue;
      const before = this.made(row);
      const after = { columns: columns ? { ...before.columns, ...columns } : before.columns, dropped: dropped ?? before.dropped };
      if (!sameEdit(before, after)) steps.push({ row: row.row, before, after, base: editOf(row) });
      // What was read a while ago is compared with what is there by now before it is saved.
      if (this.find(row.row) !== row) this.isStored = true;
    }
    if (steps.length === 0) return;
    this.done.push({ steps });
    if (this.done.length > MOST_UNDOS) this.done.shift();
    this.undone.length = 0;
    this.edited = edited;
    this.showOffer(null);
    this.put(steps.map(step => [step.row, step.after, step.base]));
  }

  // Undoes or redoes the last change: of each row what it has changed, and nothing that somebody else has made of it since.
  turn(from, to, which) {
    const last = from.pop();
    if (!last) return;
    to.push(last);
    this.showOffer(null);
    this.edited = null;
    this.turning = (this.turning ?? Promise.resolve()).then(() => last.cure ? this.setCure(last.cure, which === 'after') : this.turnRows(last.steps, which)).catch(fault => {
      from.push(to.splice(to.indexOf(last), 1)[0]);
      this.tellState(`Not done: ${fault.message}`);
      this.tell();
    });
  }

  async turnRows(steps, which) {
    const was = which === 'after' ? 'before' : 'after';
    const bases = await this.basesOf(steps.map(step => step.row));
    this.put(steps.map(step => {
      const base = bases.get(step.row), now = this.pending.get(step.row)?.after ?? base, columns = { ...now.columns };
      for (const column of new Set([...Object.keys(step[was].columns ?? {}), ...Object.keys(step[which].columns ?? {})])) {
        const text = step[which].columns?.[column];
        if (text === step[was].columns?.[column]) continue;
        if (text === undefined) delete columns[column];
        else columns[column] = text;
      }
      return [step.row, { columns: Object.keys(columns).length ? columns : null, dropped: step.before.dropped === step.after.dropped ? now.dropped : step[which].dropped }, base];
    }));
  }

  // What is kept of rows, which may be out of sight.
  async basesOf(rows) {
    const found = new Map(), unknown = [];
    for (const row of rows) {
      const known = this.find(row), base = this.pending.get(row)?.base ?? (known ? editOf(known) : this.bases.get(row));
      if (base) found.set(row, base);
      else unknown.push(row);
    }
    for (let i = 0; i < unknown.length; i += AT_ONCE) for (const now of (await this.ask('POST', '/repair/check', { rows: unknown.slice(i, i + AT_ONCE) })).rows) found.set(now.row, editOf(now));
    if (unknown.length) this.isStored = true;
    return found;
  }

  put(made) {
    for (const [row, after, base] of made) this.pending.set(row, { after, base: this.pending.get(row)?.base ?? base });
    for (const index of this.rows.keys()) this.fill(index);
    this.tell();
    this.saveSoon();
  }

  find(row) {
    for (const block of this.blocks.values()) {
      let [low, high] = [0, block.length - 1];
      if (!block.length || block[0].row > row || block[high].row < row) continue;
      while (low <= high) {
        const middle = (low + high) >> 1;
        if (block[middle].row === row) return block[middle];
        if (block[middle].row < row) low = middle + 1;
        else high = middle - 1;
      }
    }
    return null;
  }

  async drop() {
    const { from, to } = this.block();
    const rows = await this.few(from, to);
    if (rows) this.change(rows.map(row => ({ row, dropped: !rows.every(other => this.made(other).dropped) })));
    this.focusCell();
  }

  async empty() {
    const { from, to, left, right } = this.block();
    const columns = this.shown.filter((_, i) => i + 3 >= left && i + 3 <= right);
    const rows = columns.length ? await this.few(from, to) : null;
    if (rows) this.change(rows.filter(row => this.fieldsOf(row)).map(row => ({ row, columns: Object.fromEntries(columns.map(column => [column + 1, ''])) })), columns.length === 1 && rows.length === 1 ? { row: rows[0], column: columns[0], text: '' } : null);
  }

  async few(from, to) {
    if (to - from < MOST_MARKED) return await this.rowsOf(from, to);
    globalThis.eis.say(`At most ${count(MOST_MARKED)} rows at once. A cure has no such limit.`);
    return null;
  }

  async copy(event) {
    if (this.editor) return;
    event.preventDefault();
    const { from, to, left, right } = this.block();
    const text = rows => toTsv(rows.map(row => {
      const fields = this.fieldsOf(row);
      const cells = [];
      for (let cell = left; cell <= right; cell++) {
        cells.push(cell === 0 ? `${row.row}` : cell === 1 ? `${row.line}` : cell === 2 ? STATES[row.state][1] : cell === this.lastCell ? row.reasons.map(reason => reason.message).join('; ') : fields ? this.textOf(row, this.columnAt(cell)) : cell === Math.max(3, left) ? row.record : '');
      }
      return cells;
    }));
    const known = Array.from({ length: Math.min(to - from + 1, MOST_MARKED) }, (_, i) => this.rowAt(from + i));
    if (known.every(Boolean) && to - from < MOST_MARKED) event.clipboardData.setData('text/plain', text(known));
    else {
      const rows = await this.few(from, to);
      if (!rows) return;
      await navigator.clipboard.writeText(text(rows));
    }
    globalThis.eis.say(to > from || right > left ? `${count(to - from + 1)} × ${right - left + 1} copied.` : 'Copied.');
  }

  async paste(event) {
    if (this.editor) return;
    event.preventDefault();
    const texts = fromTsv(event.clipboardData.getData('text/plain'));
    const { from, to, left, right } = this.block();
    if (this.columnAt(left) < 0) {
      globalThis.eis.say('Texts are pasted into the columns of the file.');
      return;
    }
    const isOne = texts.length === 1 && texts[0].length === 1;
    const last = Math.min(this.total - 1, isOne ? to : from + texts.length - 1);
    const rows = await this.few(from, last);
    if (!rows) return;
    this.change(rows.map((row, i) => {
      const columns = {};
      for (let j = 0; j < (isOne ? right - left + 1 : texts[i].length); j++) {
        const column = this.columnAt(left + j);
        if (column >= 0) columns[column + 1] = isOne ? texts[0][0] : texts[i][j];
      }
      return { row, columns };
    }).filter(change => this.fieldsOf(change.row)), isOne && rows.length === 1 && left === right ? { row: rows[0], column: this.columnAt(left), text: texts[0][0] } : null);
  }

  // ---- Saving

  saveSoon() {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.save(), SAVE_AFTER);
  }

  bodyOf(batch) {
    const body = { edits: [], drops: [], restores: [] };
    for (const [row, { after, base }] of batch) {
      if (!sameColumns(after.columns, base.columns)) body.edits.push({ row, columns: after.columns && Object.keys(after.columns).length ? after.columns : null });
      if (after.dropped !== base.dropped) (after.dropped ? body.drops : body.restores).push(row);
    }
    return body;
  }

  async save() {
    clearTimeout(this.saving);
    if (this.isSaving || this.pending.size === 0) return this.isSaving;
    return this.isSaving = this.saveNow().finally(() => {
      this.isSaving = null;
      if (this.pending.size && !this.failed) this.saveSoon();
    });
  }

  async saveNow() {
    const batch = [...this.pending].slice(0, this.atOnce);
    const body = this.bodyOf(batch);
    try {
      if (this.isStored) await this.merge();
      else if (body.edits.length + body.drops.length + body.restores.length) {
        this.tellState('Saving…');
        this.version = (await this.ask('PATCH', '/repair', body, { 'If-Match': `"${this.version}"` })).version;
      }
      if (this.isStored) {
        this.isStored = false;
        this.failed = 0;
        return;
      }
      this.failed = 0;
      this.atOnce = Math.min(AT_ONCE, this.atOnce * 2);
      await this.settle(batch);
      this.store();
      this.tellState(`saved ${new Date().toLocaleTimeString('en-GB')} ✓`);
      this.tallySoon();
      this.suggestion = this.suggest();
    } catch (fault) {
      const status = fault instanceof Refused ? fault.problem.status : 0;
      if (status === 412) {
        await this.merge().catch(again => this.retry(again));
        return;
      }
      if ([400, 413, 422].includes(status) && batch.length > 1) {
        // The others have no part in it.
        this.atOnce = Math.ceil(batch.length / 2);
        return;
      }
      if ([400, 404, 409, 410, 413, 422].includes(status)) {
        // What the service says no to is taken back; its words tell why.
        this.refused = true;
        for (const [row] of batch) this.pending.delete(row);
        this.store();
        for (const index of this.rows.keys()) this.fill(index);
        this.tellState(`Not saved: ${fault.message}`);
        globalThis.eis.say(`Not saved: ${fault.message}`);
        return;
      }
      if ([401, 403].includes(status)) {
        // Nobody but who made it saves it.
        this.failed = 1;
        this.store();
        this.tellState(`Not saved: ${fault.message} It waits in this browser until the page is opened again.`);
        return;
      }
      this.retry(fault);
    }
  }

  // Edits that the service has not confirmed wait in the browser, also for a reload.
  retry(fault) {
    this.failed = (this.failed ?? 0) + 1;
    this.store();
    this.tellState(`Not saved yet: ${fault instanceof Refused ? fault.message : 'the service does not answer.'} It is tried again.`);
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.save(), Math.min(10_000, 500 * 2 ** this.failed));
  }

  // Rows that were saved are read as they are by then.
  async settle(batch) {
    const rows = batch.map(([row]) => row);
    const checked = new Map((await this.ask('POST', '/repair/check', { rows })).rows.map(row => [row.row, row]));
    for (const [row, sent] of batch) {
      const own = this.pending.get(row), now = checked.get(row);
      const known = this.find(row);
      if (known) Object.assign(known, pick(now));
      this.bases.set(row, editOf(now));
      if (!own) continue;
      if (own.after === sent.after) this.pending.delete(row);
      else own.base = editOf(now);
    }
    for (const index of this.rows.keys()) this.fill(index);
  }

  // Somebody else has changed the repair: what he has not touched is saved all the same, and for the rest both are shown.
  async merge() {
    const version = (await this.ask('GET', '/repair?counts=false')).version, seen = new Map();
    // Also what is typed meanwhile.
    for (let rows; (rows = [...this.pending.keys()].filter(row => !seen.has(row)).slice(0, AT_ONCE)).length;) for (const now of (await this.ask('POST', '/repair/check', { rows })).rows) seen.set(now.row, editOf(now));
    for (const [row, theirs] of seen) {
      const own = this.pending.get(row);
      if (!own) continue;
      if (sameEdit(theirs, own.after)) this.pending.delete(row);
      else if (!sameEdit(theirs, own.base)) {
        this.pending.delete(row);
        this.conflicts.set(row, { mine: own.after, theirs, base: own.base });
      }
    }
    this.version = version;
    this.reload();
    for (const [row, theirs] of seen) this.bases.set(row, theirs);
    this.store();
    if (this.pending.size === 0) this.tellState('');
    this.showConflicts();
  }

  // Shows what somebody else has made of a row beside what is made of it here.
  contest(row, conflict) {
    this.pending.delete(row);
    this.conflicts.set(row, conflict);
    this.store();
    this.fill(this.active.index);
    this.showConflicts();
  }

  showConflicts() {
    if (this.conflicts.size === 0) {
      this.clash.replaceChildren();
      return;
    }
    const list = make('ul');
    for (const [row, { mine, theirs }] of this.conflicts) {
      const line = make('li');
      const columns = [...new Set([...Object.keys(mine.columns ?? {}), ...Object.keys(theirs.columns ?? {})])].filter(column => mine.columns?.[column] !== theirs.columns?.[column]);
      line.append(`Row ${count(row)}: `);
      const said = (edit, column) => edit.columns?.[column] === undefined ? 'as it was' : verbatim(edit.columns[column]) || 'empty';
      for (const column of columns) line.append(make('b', '', verbatim(this.columns[column - 1])), ' yours ', make('span', 'raw-text', said(mine, column)), ', theirs ', make('span', 'raw-text', said(theirs, column)), ' ');
      if (mine.dropped !== theirs.dropped) line.append(mine.dropped ? 'you leave it out, they do not ' : 'they leave it out, you do not ');
      for (const [text, keep] of [['Keep mine', true], ['Take theirs', false]]) {
        const button = make('button', 'small secondary', text);
        button.type = 'button';
        button.addEventListener('click', () => {
          this.conflicts.delete(row);
          if (keep) {
            this.pending.set(row, { after: mine, base: theirs });
            this.isStored = true;
            this.saveSoon();
          }
          this.store();
          this.showConflicts();
          for (const index of this.rows.keys()) this.fill(index);
          this.focusCell();
        });
        line.append(button, ' ');
      }
      list.append(line);
    }
    this.clash.replaceChildren(make('p', 'problem-title', 'Somebody else has changed the same rows. Theirs is kept so far.'), list);
  }

  get place() { return `eis:repair:${this.dataset.import}:${this.dataset.caller}`; }

  get stored() {
    try {
      return JSON.parse(localStorage.getItem(this.place) ?? '[]');
    } catch {
      return [];
    }
  }

  // Has the browser keep what is not saved yet, and nothing else of this tab; what other tabs have it keep stays.
  store() {
    const own = new Map([...this.pending].map(([row, { after, base }]) => [row, { after, base, tab: this.tab }]));
    for (const [row, { mine, base }] of this.conflicts) own.set(row, { after: mine, base, tab: this.tab });
    const kept = [...this.stored.filter(([row, { tab }]) => tab !== this.tab && !own.has(row)), ...own];
    try {
      if (kept.length) localStorage.setItem(this.place, JSON.stringify(kept));
      else localStorage.removeItem(this.place);
    } catch {
      // There is no room for it.
    }
  }

  // Whoever leaves in between loses nothing: what is not saved is sent, and kept by the browser until it is known to have arrived.
  keep(isLeaving) {
    if (isLeaving) this.finish(true);
    if (this.pending.size === 0) return;
    this.store();
    if (isLeaving && !this.isSaving && !this.isStored) {
      const body = JSON.stringify(this.bodyOf([...this.pending].slice(0, AT_ONCE)));
      if (body.length < 60_000) fetch(`${this.calls}/repair`, { method: 'PATCH', keepalive: true, headers: { 'Content-Type': 'application/json', 'If-Match': `"${this.version}"` }, body }).catch(() => {});
    }
  }

  restore() {
    const kept = this.stored;
    if (kept.length === 0) return;
    this.pending = new Map(kept.map(([row, { after, base }]) => [row, { after, base }]));
    this.isStored = true;
    this.store();
    this.saveSoon();
  }

  // ---- Fix one, fix all

  // After an edit: the cures that do the same to the rows of its cause.
  async suggest() {
    const edited = this.edited;
    this.edited = null;
    if (!edited || this.pending.has(edited.row.row)) return;
    const reason = edited.row.why.find(known => known.column === this.columns[edited.column]);
    if (!reason) return;
    // Who has asked for an earlier edit waits for nothing any more.
    this.suggesting?.abort?.();
    const own = this.suggesting = new AbortController();
    try {
      const report = await this.ask('POST', '/cures', { cause: reason.cause, edit: { row: edited.row.row, value: edited.text } }, {}, own.signal);
      if (this.suggesting !== own) return;
      const chosen = (await this.ask('GET', '/repair?counts=false')).cures.filter(cure => cure.cause === reason.cause).map(cure => JSON.stringify(cure.cure));
      const best = report.cures.filter(cure => cure.reproducesEdit && cure.accepted > 1 && !cure.cure.entity && !chosen.includes(JSON.stringify(cure.cure))).sort((a, b) => Math.sign(a.differing) - Math.sign(b.differing) || b.accepted - a.accepted)[0];
      if (best && this.suggesting === own) this.showOffer({ cause: reason.cause, cure: best });
    } catch {
      // Nothing is offered where it cannot be found out.
    }
  }

  showOffer(offer) {
    this.suggesting = null;
    this.offered = offer?.cure.differing ? null : offer;
    if (!offer) {
      if (this.offer.firstChild) this.offer.replaceChildren();
      return;
    }
    const { cause, cure } = offer;
    const words = make('p', '', `The same change cures ${count(cure.accepted - 1)} more: ${cure.text}.`);
    if (cure.differing) {
      const link = make('a', '', 'Look at it');
      link.href = `?cause=${encodeURIComponent(cause)}`;
      words.append(` But ${count(cure.differing)} of the rows that went in would have been read otherwise. `, link);
      this.offer.replaceChildren(words);
      return;
    }
    const all = make('button', 'small', `Apply to all ${count(cure.accepted)} (Ctrl+Enter)`);
    all.type = 'button';
    all.addEventListener('click', () => this.same());
    this.offer.replaceChildren(words, all);
  }

  async same() {
    // Who says so while the change is still being saved means the change that is.
    if (!this.offered) {
      while (this.pending.size && !this.failed) await this.save();
      await this.suggestion;
    }
    const offer = this.offered;
    if (!offer) {
      globalThis.eis.say('Nothing is offered: correct a value first.');
      return;
    }
    this.showOffer(null);
    const cure = { cause: offer.cause, cure: offer.cure.cure };
    try {
      await this.setCure(cure, true);
    } catch (fault) {
      this.tellState(`Not saved: ${fault.message}`);
      return;
    }
    this.done.push({ cure });
    this.undone.length = 0;
    this.tell();
    globalThis.eis.say(`The same change is made to ${count(offer.cure.accepted)} rows.`);
    this.focusCell();
  }

  // Adds a cure to those that there are by now, or takes it out of them.
  async setCure(cure, adds) {
    while (this.pending.size && !this.failed) await this.save();
    const text = JSON.stringify(cure);
    for (let tries = 1; ; tries++) {
      const { version, cures } = await this.ask('GET', '/repair?counts=false');
      const others = cures.filter(other => JSON.stringify(other) !== text);
      try {
        const changed = (await this.ask('PATCH', '/repair', { cures: adds ? [...others, cure] : others }, { 'If-Match': `"${version}"` })).version;
        // What was typed meanwhile was typed beside what others have done.
        if (version !== this.version) this.isStored = true;
        this.version = changed;
        break;
      } catch (fault) {
        if (!(fault instanceof Refused) || fault.problem.status !== 412 || tries === 5) throw fault;
      }
    }
    this.tellState(`saved ${new Date().toLocaleTimeString('en-GB')} ✓`);
    this.reload();
    this.tell();
    this.tallySoon();
    globalThis.eis.swap(location.href, document.getElementById('cures') ? ['causes', 'cures'] : ['causes']);
  }

  // ---- What the page tells of it

  tellState(text) {
    const place = document.querySelector('[data-saved]');
    if (place) place.textContent = text;
  }

  tell() {
    this.undoButton.disabled = this.done.length === 0;
    this.redoButton.disabled = this.undone.length === 0;
  }

  tallySoon() {
    clearTimeout(this.tallying);
    this.tallying = setTimeout(() => this.tally(), 500);
  }

  async tally() {
    try {
      const repair = await this.ask('GET', '/repair');
      for (const name of ['left', 'ready', 'dropped', 'repaired']) for (const place of document.querySelectorAll(`[data-repair="${name}"]`)) place.textContent = count(repair[name]);
      const button = document.querySelector('[data-repair-plan] button');
      button.disabled = repair.ready === 0;
      document.querySelector('[data-repair-rows]').textContent = repair.ready === 1 ? 'row' : 'rows';
      // Somebody else has been here: rows are read again as they are by now.
      if (repair.version !== this.version && this.pending.size === 0 && !this.isSaving) {
        this.version = repair.version;
        this.reload();
      }
    } catch {
      // It is told the next time.
    }
  }
});

// What the service says of a row as it is by now.
function pick(checked) {
  return { state: checked.state, fields: checked.fields, reasons: checked.reasons, edit: checked.edit };
}

// What takes a while comes after the rows are there, one after the other. Where it does not come, its link is there again, and it is asked for again.
let waiting;
function fetchAgain() {
  clearTimeout(waiting);
  waiting = setTimeout(() => globalThis.eis.isSwapping() ? fetchAgain() : fetchLater(), 2000);
}

async function fetchLater() {
  clearTimeout(waiting);
  const later = document.querySelector('[data-later]');
  if (!later) return;
  const { href, dataset, parentElement } = later;
  const words = [...parentElement.childNodes];
  parentElement.textContent = dataset.meanwhile;
  if (await globalThis.eis.swap(href, [dataset.later])) return;
  parentElement.replaceChildren(...words);
  fetchAgain();
}

fetchLater();
document.addEventListener('eis:swapped', fetchLater);
