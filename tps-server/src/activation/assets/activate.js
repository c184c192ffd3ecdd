// Shows the activation link for copying. The part behind "#" stays in the browser: nothing here sends anything.
const field = document.querySelector("#link");
const present = document.querySelector("#present");
const missing = document.querySelector("#missing");
const copied = document.querySelector("#copied");

function show() {
  const hasCode = /^#[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/.test(location.hash);
  present.hidden = !hasCode;
  missing.hidden = hasCode;
  field.value = hasCode ? location.href : "";
  copied.textContent = "";
}

document.querySelector("#copy").addEventListener("click", async () => {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    copied.textContent = copied.dataset.done;
  } catch {
    copied.textContent = copied.dataset.byHand;
  }
});
addEventListener("hashchange", show);
show();
