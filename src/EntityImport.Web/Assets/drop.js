// The whole window takes a file. It is sent by itself, in pieces that can go on after a reload, and what has arrived is told.
const PIECE = 8 << 20;

// A file's name as the header takes any text.
const dispositionOf = name => `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, c => `%${c.charCodeAt(0).toString(16)}`)}`;

customElements.define('eis-drop', class extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector('form');
    this.input = this.querySelector('input[type=file]');
    this.place = this.querySelector('.drop-progress');
    this.bar = this.place.querySelector('progress');
    this.words = this.place.querySelector('.drop-said');
    addEventListener('dragover', event => {
      if (![...event.dataTransfer.types].includes('Files')) return;
      event.preventDefault();
      this.form.classList.add('over');
    });
    addEventListener('dragleave', event => { if (!event.relatedTarget) this.form.classList.remove('over'); });
    addEventListener('drop', event => {
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      this.form.classList.remove('over');
      this.send(event.dataTransfer.files[0]);
    });
    // Who comes back to the page finds nothing that is sent.
    addEventListener('pagehide', () => { this.sending = null; });
    this.form.addEventListener('submit', event => {
      if (!this.input.files.length) return;
      event.preventDefault();
      this.send(this.input.files[0]);
    });
    this.place.querySelector('[data-stop]').addEventListener('click', () => this.stopped?.abort());
  }

  // Under this name a browser finds an upload again that a reload has cut off.
  nameOf(file) { return `eis:upload:${file.name}:${file.size}:${file.lastModified}`; }

  async send(file) {
    if (this.sending) {
      globalThis.eis.say(`${file.name} is not sent, since ${this.sending} still is. Drop it again afterwards.`);
      return;
    }
    if (/\.(xlsx?|ods|pdf|docx?)$/i.test(file.name)) {
      this.tell(`${file.name} is no CSV file. In the spreadsheet, save it as "CSV UTF-8", and drop that.`);
      return;
    }
    this.sending = file.name;
    this.stopped = new AbortController();
    this.place.hidden = false;
    this.form.querySelector('button:not([type])').disabled = true;
    try {
      const compressed = /\.(gz|zst|br)$/i.exec(file.name);
      const id = compressed || file.size <= PIECE ? await this.sendWhole(file, compressed) : await this.sendPieces(file);
      this.tell('Arrived. The file is looked at…');
      location.assign(`/uploads/${id}`);
    } catch (fault) {
      this.sending = null;
      this.tell(fault.name === 'AbortError' ? 'Stopped. Choosing the same file again goes on from there.' : `${fault.message}`);
      this.form.querySelector('button:not([type])').disabled = false;
    }
  }

  async sendWhole(file, compressed) {
    const headers = { 'Content-Type': 'text/csv', 'Content-Disposition': dispositionOf(file.name.replace(/\.(gz|zst|br)$/i, '')) };
    if (compressed) headers['Content-Encoding'] = { gz: 'gzip', zst: 'zstd', br: 'br' }[compressed[1].toLowerCase()];
    this.tell(`${file.name} is sent…`);
    return (await this.ask('/v1/EntityImport/uploads', { method: 'POST', headers, body: file })).uploadId;
  }

  async sendPieces(file) {
    let id = localStorage.getItem(this.nameOf(file));
    let offset = id ? await this.offsetOf(id) : null;
    if (offset === null) {
      id = (await this.ask('/v1/EntityImport/uploads?resumable=true', { method: 'POST', headers: { 'Content-Disposition': dispositionOf(file.name) } })).uploadId;
      localStorage.setItem(this.nameOf(file), id);
      offset = 0;
    }
    const begun = performance.now(), from = offset;
    for (let failed = 0; offset < file.size;) {
      const end = Math.min(offset + PIECE, file.size);
      try {
        const answer = await fetch(`/v1/EntityImport/uploads/${id}`, {
          method: 'PATCH', signal: this.stopped.signal, body: file.slice(offset, end),
          headers: { 'Content-Type': 'application/partial-upload', 'Upload-Offset': `${offset}`, 'Upload-Complete': end === file.size ? '?1' : '?0' },
        });
        if (answer.status === 409) {
          const arrived = await this.offsetOf(id);
          // As a connection that broke, it is asked again.
          if (arrived === null) throw new TypeError('The service does not tell how much of the file has arrived.');
          offset = arrived;
        } else if (!answer.ok) throw new Error((await answer.json()).detail);
        else offset = end;
        failed = 0;
      } catch (fault) {
        // A connection that breaks goes on; what the service says no to does not.
        if (!(fault instanceof TypeError) || ++failed > 20) throw fault;
        this.tell('The connection broke; trying again…');
        await new Promise(resolve => setTimeout(resolve, Math.min(10_000, 500 * 2 ** failed)));
        offset = await this.offsetOf(id) ?? offset;
      }
      this.bar.value = offset / file.size;
      const rate = (offset - from) / (performance.now() - begun) * 1000;
      this.tell(`${(offset / 1e6).toFixed(1)} of ${(file.size / 1e6).toFixed(1)} MB${rate > 0 ? `, ${Math.ceil((file.size - offset) / rate)} s left` : ''}`);
    }
    localStorage.removeItem(this.nameOf(file));
    return id;
  }

  // How much of a file has arrived; null where nothing is known of it.
  async offsetOf(id) {
    try {
      const answer = await fetch(`/v1/EntityImport/uploads/${id}`, { method: 'HEAD', signal: this.stopped.signal });
      return answer.ok ? Number(answer.headers.get('Upload-Offset')) : null;
    } catch (fault) {
      if (fault.name === 'AbortError') throw fault;
      return null;
    }
  }

  async ask(address, request) {
    const answer = await fetch(address, { ...request, signal: this.stopped.signal });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail);
    return body;
  }

  tell(text) {
    this.place.hidden = false;
    this.words.textContent = text;
  }
});
