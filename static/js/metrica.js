// Counts a visit with Yandex.Metrica. Asked for only when the reader has chosen it (choice.js), and allowed by the policy
// of contents only then. Told are the address of the page without its query, and its title; no links, clicks or fields.

export function start({ counter, host, choice }) {
  const queue = (...call) => (window.ym.a = window.ym.a || []).push(call);
  window.ym = window.ym || queue;
  window.ym.l = Date.now();
  const tag = document.createElement("script");
  tag.async = true;
  tag.src = `${host}/metrika/tag.js`;
  document.head.append(tag);

  window.ym(counter, "init", {
    defer: true, clickmap: false, trackLinks: false, accurateTrackBounce: false, webvisor: false, trackHash: false,
  });
  window.ym(counter, "hit", location.origin + location.pathname, { title: document.title, referer: "" });
  stopWhenTakenBack(counter, choice);
}

// In another tab the reader may have changed their mind: coming back, this one asks, and starts anew without the counter.
function stopWhenTakenBack(counter, choice) {
  const ask = async () => {
    const answer = await fetch(choice, { cache: "no-store" });
    if (answer.ok && (await answer.text()) === "") {
      window[`disableYaCounter${counter}`] = true;
      location.reload();
    }
  };
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask());
  window.addEventListener("pageshow", (event) => event.persisted && ask());
}
