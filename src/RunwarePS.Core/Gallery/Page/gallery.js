'use strict';
(() => {
  const by = id => document.getElementById(id);
  const grid = by('cards');
  const [query, state, model, order, view] = ['query', 'state', 'model', 'order', 'view'].map(by);
  const text = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

  // What is asked of a card again and again is read once. The command repeats the prompt and is not searched.
  const cards = [...grid.children].map((element, place) => {
    const words = ['.prompt', '.reason', 'dl'].map(part => element.querySelector(part)?.textContent ?? '');
    return {
      element,
      place,
      link: element.querySelector('.open'),
      words: words.join(' ').toLowerCase(),
      state: element.dataset.state,
      model: element.dataset.model,
      prompt: words[0],
      time: element.dataset.time,
      cost: element.dataset.cost === '' ? '' : Number(element.dataset.cost),
    };
  });
  let shown = cards;

  // Filter and sort

  const models = [...new Set(cards.map(card => card.model).filter(name => name))].sort(text.compare);
  model.append(...models.map(name => new Option(name, name)));
  model.hidden = models.length < 2;
  for (const option of [...state.options].slice(1)) {
    if (!cards.some(card => card.state === option.value)) option.remove();
  }
  state.hidden = state.options.length < 3;

  const filter = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(word => word);
    shown = cards.filter(card =>
      (!state.value || card.state === state.value)
      && (!model.value || card.model === model.value)
      && words.every(word => card.words.includes(word)));
    const visible = new Set(shown);
    for (const card of cards) card.element.hidden = !visible.has(card);
    by('count').textContent = `${shown.length} of ${cards.length}`;
    by('none').hidden = shown.length > 0 || cards.length === 0;
  };

  const sort = () => {
    const [key, direction] = order.value.split(' ');
    const sign = direction === 'desc' ? -1 : 1;
    cards.sort((a, b) => {
      if (key === 'given') return a.place - b.place;
      const [x, y] = [a[key], b[key]];
      if (x === '' || y === '') return (x === '') - (y === '') || a.place - b.place; // what is not known stands last
      return sign * (typeof x === 'number' ? x - y : text.compare(x, y)) || a.place - b.place;
    });
    if (cards.some((card, place) => grid.children[place] !== card.element)) grid.append(...cards.map(card => card.element));
    filter();
  };

  for (const control of [query, state, model]) control.addEventListener('input', filter);
  order.addEventListener('input', sort);
  by('reset').addEventListener('click', () => {
    query.value = state.value = model.value = '';
    filter();
    query.focus();
  });

  // The large view

  const images = () => shown.filter(card => card.link);
  let current = null;

  const show = card => {
    const all = images();
    const place = all.indexOf(card);
    const image = card.link.querySelector('img');
    current = card;
    by('view-image').src = image.src;
    by('view-image').alt = image.alt;
    by('view-prompt').textContent = card.prompt;
    by('view-place').textContent = `${place + 1} of ${all.length}`;
    by('view-more').replaceChildren(card.element.querySelector('.more').cloneNode(true));
    by('view-file').hidden = image.src.startsWith('data:');
    by('view-file').href = card.link.href;
    by('previous').disabled = place === 0;
    by('next').disabled = place === all.length - 1;
    view.querySelector('.panel').scrollTop = 0;
    if (!view.open) view.showModal();
    const after = all[place + 1];
    if (after) new Image().src = after.link.querySelector('img').src; // the next one is there when it is asked for
  };

  const step = offset => {
    const all = images();
    const next = all[all.indexOf(current) + offset];
    if (next) show(next);
  };

  grid.addEventListener('click', event => {
    const link = event.target.closest('.open');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(cards.find(card => card.link === link));
  });
  by('previous').addEventListener('click', () => step(-1));
  by('next').addEventListener('click', () => step(1));
  by('close').addEventListener('click', () => view.close());
  view.querySelector('.stage').addEventListener('click', event => {
    if (event.target === event.currentTarget) view.close();
  });
  view.addEventListener('keydown', event => {
    if (event.key === 'ArrowLeft') step(-1);
    else if (event.key === 'ArrowRight') step(1);
    else return;
    event.preventDefault();
  });
  view.addEventListener('close', () => current?.link.focus()); // where one left off, not where one came in

  // Keys

  document.addEventListener('keydown', event => {
    if (view.open || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '/' && !event.target.matches('input, select')) {
      event.preventDefault();
      query.focus();
      return;
    }
    if (event.key === 'Escape' && event.target === query) {
      query.value = '';
      filter();
      return;
    }
    const columns = getComputedStyle(grid).gridTemplateColumns.split(' ').length;
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (!move || !event.target.matches('.open')) return;
    event.preventDefault();
    const from = shown.findIndex(card => card.link === event.target);
    for (let to = from + move; to >= 0 && to < shown.length; to += Math.sign(move)) {
      if (shown[to].link) {
        shown[to].link.focus();
        return;
      }
    }
  });

  // Copy

  document.addEventListener('click', async event => {
    const button = event.target.closest('.copy');
    if (!button) return;
    const code = button.parentElement.querySelector('code');
    let copied = true;
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code); // pages that are not trusted with the clipboard may still copy what is selected
      copied = document.execCommand('copy');
    }
    button.textContent = copied ? 'Copied' : 'Press Ctrl+C';
    setTimeout(() => { button.textContent = 'Copy'; }, 1600);
  });

  sort(); // also what the browser kept in the boxes over a reload
})();
