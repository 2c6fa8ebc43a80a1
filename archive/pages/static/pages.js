"use strict";
// Everything works without this; it saves clicks.
(() => {
  // Browsers write Arabic numbers in western digits unless told otherwise.
  const language = document.documentElement.lang === "ar" ? "ar-u-nu-arab" : document.documentElement.lang;
  const filter = document.querySelector("[data-filter]");
  if (filter) {
    const items = [...document.querySelectorAll("[data-words]")];
    const shown = document.querySelector("[data-shown]");
    const apply = () => {
      const words = filter.value.trim().toLocaleLowerCase();
      let n = 0;
      for (const item of items) {
        item.hidden = words !== "" && !item.dataset.words.toLocaleLowerCase().includes(words);
        if (!item.hidden) n += 1;
      }
      if (shown) shown.textContent = n.toLocaleString(language);
    };
    filter.closest("[data-needs-script]").hidden = false;
    filter.addEventListener("input", apply);
    apply();
  }

  for (const select of document.querySelectorAll("select[data-go]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }

  const slider = document.querySelector("[data-tune]");
  if (slider) {
    const out = document.querySelector("[data-tuned]");
    const said = document.querySelector("[data-budget]");
    const steps = slider.dataset.steps.split(" ");
    const value = document.querySelector(slider.dataset.tune);
    let waiting = 0;
    let asked = 0;
    slider.closest("[data-needs-script]").hidden = false;
    slider.addEventListener("input", () => {
      const budget = steps[Number(slider.value)];
      value.value = budget;
      said.textContent = Number(budget).toLocaleString(language);
      slider.setAttribute("aria-valuetext", said.textContent);
      clearTimeout(waiting);
      waiting = setTimeout(async () => {
        const mine = ++asked;
        const address = new URL(location.href);
        address.searchParams.set("budget", budget);
        out.setAttribute("aria-busy", "true");
        try {
          const answer = await fetch(address, { headers: { "X-Part": "tuned" }, credentials: "same-origin" });
          const text = await answer.text();
          if (mine === asked && answer.ok) {
            const part = new DOMParser().parseFromString(text, "text/html").querySelector("[data-tuned]");
            out.replaceChildren(...part.childNodes);
            history.replaceState(null, "", address);
          }
        } finally {
          if (mine === asked) out.removeAttribute("aria-busy");
        }
      }, 150);
    });
  }
})();
