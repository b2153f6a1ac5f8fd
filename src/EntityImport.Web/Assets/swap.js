// Follows a link or sends a form with fetch, and puts the part of the answer that it names in place of what is there: focus, caret and scroll stay. Where that goes wrong, the browser goes there by itself, if a person has asked for it; else the page stays as it is.
// data-swap="ID" on a form of method get: its answer replaces #ID. data-live: also on each change. data-swap-link on a link: its page's #reading, or the form's part around it.
const TYPED = 'textarea, input:not([type=hidden], [type=checkbox], [type=radio], [type=file])';
const said = document.getElementById('said');
const here = () => location.pathname + location.search;
let shown = here();
let running = null;
let pressed = Promise.resolve();

export function say(text) {
  said.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { said.textContent = ''; }, 4000);
}

// What has the focus, told so that it is found again in what came.
function focusOf() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const form = element.closest('form');
  return {
    id: element.id, href: element.getAttribute('href'), name: element.name, value: element.type === 'checkbox' ? element.value : null, form: form?.getAttribute('action'),
    typed: element.matches(TYPED) ? element.value : null,
    caret: 'selectionStart' in element && /^(text|search|)$/.test(element.getAttribute('type') ?? '') ? [element.selectionStart, element.selectionEnd] : null,
  };
}

function focusAgain(kept) {
  if (!kept || document.activeElement !== document.body) return;
  const found = (kept.id && document.getElementById(kept.id)) || (kept.href && document.querySelector(`a[href="${CSS.escape(kept.href)}"]`)) || (kept.name && [...document.querySelectorAll(`[name="${CSS.escape(kept.name)}"]`)].find(e => e.closest('form')?.getAttribute('action') === kept.form));
  if (!found) return;
  if (kept.typed !== null && found.matches(TYPED) && found.value !== kept.typed) {
    // A value that a script has set is no change, and what was typed into an element that is gone was none either.
    found.value = kept.typed;
    found.addEventListener('blur', () => found.dispatchEvent(new Event('change', { bubbles: true })), { once: true });
  }
  found.focus({ preventScroll: true });
  if (kept.caret && found.setSelectionRange) found.setSelectionRange(...kept.caret);
}

// Replaces parts of the page by those of another one. What somebody is typing into is left alone. What a person asks for becomes the page's address; nothing else does, which waits for that and can come to nothing, as where the service starts again: answers whether the page shows it.
export async function swap(address, ids, { push = 'none' } = {}) {
  const isAsked = push !== 'none';
  if (!isAsked && running?.isAsked) return false;
  running?.abort();
  const own = running = new AbortController();
  own.isAsked = isAsked;
  own.address = String(address);
  const late = setTimeout(() => document.getElementById(ids[0])?.setAttribute('aria-busy', 'true'), 300);
  try {
    const answer = await fetch(address, { signal: own.signal, headers: { Accept: 'text/html' } });
    if (!isAsked && !answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    await pressed;
    if (own.signal.aborted) return false;
    if (ids.some(id => !document.getElementById(id) || !page.getElementById(id))) {
      if (isAsked) location.assign(address);
      return false;
    }
    const kept = focusOf();
    for (const id of ids) document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
    const [main, next] = [document.getElementById('page'), page.getElementById('page')];
    main.dataset.api = next.dataset.api;
    const [commands, others] = [document.getElementById('commands'), page.getElementById('commands')];
    if (commands && others) commands.textContent = others.textContent;
    for (const link of document.querySelectorAll('.steps a')) {
      const now = [...page.querySelectorAll('.steps a')].find(other => other.textContent === link.textContent);
      if (now) link.href = now.getAttribute('href');
    }
    if (isAsked) {
      history[push === 'push' ? 'pushState' : 'replaceState'](null, '', address);
      shown = here();
    }
    focusAgain(kept);
    document.dispatchEvent(new CustomEvent('eis:swapped'));
    return true;
  } catch (fault) {
    if (isAsked && fault.name !== 'AbortError') location.assign(address);
    return false;
  } finally {
    clearTimeout(late);
    if (running === own) {
      running = null;
      document.getElementById(ids[0])?.removeAttribute('aria-busy');
    }
  }
}

function addressOf(form) {
  const address = new URL(form.action);
  address.search = new URLSearchParams([...new FormData(form)].filter(([name, value]) => typeof value === 'string' && (value !== '' || /^[fn]/.test(name)))).toString();
  return address;
}

document.addEventListener('submit', event => {
  const form = event.target;
  if (event.submitter?.hasAttribute('data-plain') || event.submitter?.formMethod === 'post' || !form.dataset.swap || form.method !== 'get') return;
  event.preventDefault();
  swap(addressOf(form), [form.dataset.swap], { push: 'push' }).then(() => say('The page shows it as you said.'));
});

document.addEventListener('change', event => {
  const form = event.target.form;
  if (!form?.dataset.swap || !('live' in form.dataset) || form.method !== 'get' || !form.checkValidity()) return;
  const address = addressOf(form);
  if (running?.address !== address.href) swap(address, [form.dataset.swap], { push: 'replace' }).then(() => say('Read again.'));
});

document.addEventListener('click', event => {
  const link = event.target.closest('a[data-swap-link]');
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  swap(link.href, ['page'], { push: 'push' }).then(() => document.getElementById('page').focus({ preventScroll: true }));
});

// A button that is replaced while it is pressed is never clicked, and leaving a control to press one is what asks for an answer. Some presses have no end that is told.
const hold = (...ends) => {
  const ended = new AbortController();
  pressed = new Promise(release => {
    for (const end of ends) document.addEventListener(end, () => setTimeout(release), { signal: ended.signal });
    setTimeout(release, 1500);
  }).then(() => ended.abort());
};
const isPressable = target => target.closest?.('button, a, summary, label, input[type=checkbox], input[type=radio]');
document.addEventListener('pointerdown', event => {
  if (event.button === 0 && isPressable(event.target)) hold('pointerup', 'pointercancel');
});
// The space bar clicks when it is let go.
document.addEventListener('keydown', event => {
  if (event.key === ' ' && !event.repeat && isPressable(event.target)) hold('keyup');
});

// A place on the same page is gone to without asking for it again.
addEventListener('popstate', () => { if (here() !== shown) location.reload(); });

// Parts that say so are asked for again, while somebody looks.
setInterval(() => {
  const part = document.querySelector('[data-refresh]');
  if (!part || document.hidden) return;
  part.waited = (part.waited ?? 0) + 1;
  if (part.waited < Number(part.dataset.refresh) || document.activeElement?.matches('input, select, textarea')) return;
  part.waited = 0;
  swap(location.href, ['page']);
}, 1000);

// The other scripts have the module by a name that no hash changes.
globalThis.eis = { swap, say, isSwapping: () => running !== null };
