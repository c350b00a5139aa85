// Passkeys are the one thing that cannot work without a script. What needs them is hidden until the browser is known
// to have them, and a refusal of the key is said on the page instead of in the console only.

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-passkeys]")) part.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  const failure = document.querySelector("[data-passkey-failure]");
  if (!failure) return;
  event.preventDefault();
  failure.hidden = false;
});
