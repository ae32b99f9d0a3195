/* Keys, selection and focus. Everything here has a form or a link on the page that does the same without scripts. */
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const one = (query, from = document) => from.querySelector(query);
  const cards = () => all(".card[data-comment]");
  const current = () => document.activeElement?.closest?.(".card[data-comment], .done") ?? null;
  /* What a screen reader should hear; what went wrong is shown as well, until the desk answers again. */
  const say = (words) => { one("#said").textContent = words; };
  let warned = 0, calming = 0;
  const warning = () => one("#status").classList.contains("urgent");
  const warn = (words) => {
    clearTimeout(calming);
    warned = Date.now();
    one("#status").textContent = words;
    one("#status").classList.toggle("urgent", words !== "");
  };
  const calm = (shown) => {
    clearTimeout(calming);
    if (warning()) calming = setTimeout(() => warn(""), warned + shown - Date.now());
  };

  /* Focus walks over cards; the card in focus is shown to others as being looked at, after a moment. */
  let claiming = 0, claimed = null;
  const tell = (id, what) => fetch(`/comments/${id}/${what}`, { method: "POST", keepalive: true, headers: { "HX-Request": "true" } }).catch(() => {});
  const claimSoon = (card) => {
    clearTimeout(claiming);
    claiming = setTimeout(() => {
      if (!card.isConnected || !one("form.acts", card)) return;
      if (claimed && claimed !== card.dataset.comment) tell(claimed, "release");
      claimed = card.dataset.comment;
      tell(claimed, "claim");
    }, 1500);
  };
  const focusOn = (card) => {
    if (!card) return;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("focusin", () => { const card = current(); if (card?.dataset.comment) claimSoon(card); });
  addEventListener("pagehide", () => { clearTimeout(claiming); if (claimed) tell(claimed, "release"); claimed = null; });
  const place = (card) => card.getBoundingClientRect();
  /* The first card in view; the rim of one that is scrolled away does not count. */
  const nearest = () => cards().find((card) => place(card).bottom > 24) ?? cards().at(-1);
  const step = (by) => {
    const list = all(".card[data-comment], .done[data-done]");
    const here = list.indexOf(current());
    if (here < 0) { focusOn(nearest()); return; }
    let next = here + by;
    while (list[next] && list[next].classList.contains("done")) next += by;
    focusOn(list[next]);
  };
  /* The card that a key is about. In a list without focus there is none: the key only shows which one it would be. */
  const acting = () => {
    const here = current();
    if (here) return here.dataset.comment ? here : null;
    const card = nearest();
    if (card?.closest(".detail, .single") && place(card).bottom > 0 && place(card).top < innerHeight) return card;
    focusOn(card);
    return null;
  };
  const press = (key) => {
    const card = acting();
    const button = card && one(`form.acts [data-key="${key}"]`, card);
    if (!button || button.disabled) return;
    card.focus({ preventScroll: true });
    button.click();
  };

  /* A selection; the bar with what to do shows itself when there is one. */
  const bar = () => one("#selection");
  const picks = () => all('input[name="pick"]');
  const counted = () => {
    const number = picks().filter((pick) => pick.checked).length;
    const form = bar();
    if (!form) return;
    form.classList.toggle("some", number > 0);
    one("[data-picked]", form).textContent = `${number} selected`;
  };
  const pick = () => {
    const card = acting();
    const box = card && one('input[name="pick"]', card);
    if (box) { box.checked = !box.checked; counted(); }
  };
  const pickAll = () => {
    const boxes = picks(), some = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = some;
    counted();
  };
  const bulk = (key) => { if (picks().some((box) => box.checked)) one(`[data-bulk="${key}"]`)?.click(); };

  /* The strips in the order of their decisions; the last one shows the key that takes it back. */
  let decided = 0;
  const strips = () => all(".done[data-seen]").sort((a, b) => a.dataset.seen - b.dataset.seen);
  const number = (strip) => { strip.dataset.seen = decided++; };
  const mark = () => strips().forEach((strip, at, list) => strip.classList.toggle("older", at < list.length - 1));
  all(".done[data-done]").forEach(number);

  /* The card that was decided becomes a line, and the focus goes on to the next one; a card that comes back gets it. */
  let asked = null, pressed = null;
  /* The next card moves up under the pointer: the second half of a double click must not decide it unread. */
  document.addEventListener("click", (event) => {
    if (!event.detail) return;
    const { target, timeStamp: at, clientX: x, clientY: y } = event;
    const again = pressed && at - pressed.at < 500 && Math.hypot(x - pressed.x, y - pressed.y) < 8;
    if (!again || pressed.target.isConnected) { pressed = { target, at, x, y }; return; }
    pressed.at = at;
    if (target.closest("button")) { event.preventDefault(); event.stopPropagation(); }
  }, true);
  document.addEventListener("click", (event) => {
    asked = event.target.closest(".acts button, .done button")?.closest(".card, .done") ?? asked;
  });
  document.addEventListener("htmx:after:swap", () => {
    counted();
    if (asked && !asked.isConnected) {
      const back = one(`.card#${asked.id}`), undone = asked.matches(".done");
      asked = null;
      if (back && (undone || !current())) focusOn(back);
    }
    const strip = one(".done[data-done]:not([data-seen])");
    if (strip) number(strip);
    mark();
    if (strip) {
      say(strip.firstElementChild.textContent.trim());
      if (!document.activeElement || document.activeElement === document.body) {
        let next = strip.nextElementSibling;
        while (next && !next.matches(".card")) next = next.nextElementSibling;
        if (next ?? cards()[0]) focusOn(next ?? cards()[0]);
        else (one('a[data-key="l"]') ?? strip).focus();
      }
    }
  });
  /* After a failure the card stays. Whether a decision that got no proper answer was kept, only the desk knows. */
  const reads = (ctx) => !ctx || ctx.request.method === "GET";
  const fail = (ctx, words) => {
    if (!reads(ctx)) warn(`${words} It is not known whether this was kept: load the page anew to see.`);
    else if (!warning()) warn(words);
  };
  document.addEventListener("htmx:error", ({ detail }) => fail(detail.ctx, "The desk did not answer."));
  document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
    if ([401, 409].includes(ctx.response.status)) return;
    const said = one(".problem", new DOMParser().parseFromString(ctx.text, "text/html"));
    said ? warn(said.textContent) : fail(ctx, `The desk did not answer as it should (${ctx.response.status}).`);
  });
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    if (ctx.response.status < 400) calm(reads(ctx) ? 4000 : 0);
  });

  const undo = () => {
    const here = current();
    const strip = here?.classList.contains("done") ? here : strips().at(-1);
    const own = strip ? one('[data-key="u"]', strip) : one('.context [data-key="u"], .taking-back [data-key="u"]');
    if (own) { own.click(); return; }
    const form = one("#undo-last");
    if (!form) return;
    form.elements.back.value = location.pathname === "/" ? location.pathname + location.search : "/";
    form.submit();
  };
  const note = () => {
    const here = one('textarea[data-key="n"]');
    if (here) { here.focus(); return; }
    const card = acting();
    const link = card && one("a.more", card);
    if (link) location.href = `${link.href}#notes`;
  };
  const help = () => { const dialog = one("#help"); if (dialog) dialog.open ? dialog.close() : dialog.showModal(); };
  const follow = (query) => one(query)?.click();

  const KEYS = {
    j: () => step(1), k: () => step(-1), ArrowDown: null,
    a: () => press("a"), r: () => press("r"), d: () => press("d"), u: undo, n: note,
    w: () => { const card = acting(); if (card) one('select[name="reason"]', card)?.focus(); },
    o: () => { const card = acting(); if (card) one("a.more", card)?.click(); },
    b: () => follow('a[data-key="b"]'), l: () => { one('a[data-key="l"]') ? follow('a[data-key="l"]') : one("#queue") && location.reload(); },
    e: () => { const card = acting(); if (card) one('[data-key="e"]', card)?.click(); }, x: pick, X: pickAll, A: () => bulk("a"), R: () => bulk("r"), D: () => bulk("d"),
    "/": () => one('input[type="search"]')?.focus(), "?": help,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog[open]");
    if (typing) {
      if (event.key === "Escape" && !typing.matches("dialog")) (typing.closest(".card") ?? one("#main")).focus();
      return;
    }
    const act = KEYS[event.key];
    if (act) { event.preventDefault(); if (!event.repeat || "jk".includes(event.key)) act(); }
  });
  document.addEventListener("change", (event) => {
    if (event.target.name === "pick") counted();
    if (event.target.closest(".filters") && event.target.matches("select")) event.target.form.requestSubmit();
  });
  /* Dragging over the histogram writes the range into the form and sends it. */
  const chart = one("[data-histogram]");
  if (chart) {
    const low = one("[data-low]"), high = one("[data-high]");
    const at = (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
      return Math.min(Math.max(point.x / 800, 0), 1);
    };
    let from = null, box = null;
    chart.addEventListener("pointerdown", (event) => { if (event.button === 0) from = at(event); });
    chart.addEventListener("pointermove", (event) => {
      if (from === null) return;
      const to = at(event);
      if (!box && Math.abs(to - from) < 0.01) return;
      if (!box) {
        box = chart.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "rect"));
        for (const [name, value] of [["class", "drag"], ["y", "0"], ["height", "220"]]) box.setAttribute(name, value);
        chart.setPointerCapture(event.pointerId);
      }
      box.setAttribute("x", Math.min(from, to) * 800);
      box.setAttribute("width", Math.abs(to - from) * 800);
    });
    const end = (event) => {
      if (box) {
        const ends = [from, at(event)].sort((a, b) => a - b).map((value) => Math.round(value * 40) / 40);
        if (ends[0] < ends[1]) { [low.value, high.value] = ends; low.form.requestSubmit(); } else box.remove();
      }
      setTimeout(() => { from = box = null; });
    };
    chart.addEventListener("pointerup", end);
    chart.addEventListener("pointercancel", () => { box?.remove(); from = box = null; });
    chart.addEventListener("click", (event) => { if (box) event.preventDefault(); }, true);
    chart.addEventListener("dragstart", (event) => event.preventDefault());
  }
  /* A slider writes its number, a number moves its slider; the form then simulates by itself. */
  document.addEventListener("input", (event) => {
    const name = event.target.dataset?.for;
    if (name) one(`#${name}`).value = event.target.value;
    else if (event.target.id?.startsWith("t_")) {
      const slider = one(`[data-for="${event.target.id}"]`);
      if (slider && event.target.value !== "") slider.value = event.target.value;
    }
  }, true);
  for (const link of all(".areas [aria-current], .queues [aria-current]")) {
    const strip = link.parentElement;
    strip.scrollLeft = link.offsetLeft - strip.offsetLeft - (strip.clientWidth - link.clientWidth) / 2;
  }
  if (location.hash === "#notes") addEventListener("load", () => one('textarea[data-key="n"]')?.focus());
  addEventListener("pageshow", counted);
  /* The server claimed an opened comment along with its page: leaving gives it back, however soon. */
  const opened = one(".detail .card:has(form.acts)");
  if (opened) { claimed = opened.dataset.comment; claimSoon(opened); }
})();
